namespace OrtPeft;

/// <summary>A part of a text, from <paramref name="Start"/> up to and excluding <paramref name="End"/>.</summary>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>The number of units covered.</summary>
    public int Length => End - Start;
}
