namespace OrtPeft;

/// <summary>An image file that cannot be used: damaged, too large, or of a kind that would be misread.</summary>
sealed class BadImageException(string fault, Exception? inner = null) : OrtPeftException($"{fault} Mend or replace it, or leave it out with --skip-bad.", inner)
{
    /// <summary>What is wrong, without advice.</summary>
    internal string Fault => fault;
}
