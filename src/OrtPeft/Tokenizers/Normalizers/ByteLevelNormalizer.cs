namespace OrtPeft;

/// <summary>Writes the text as bytes in GPT-2's alphabet.</summary>
sealed class ByteLevelNormalizer : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch) => ByteAlphabet.Write(source, target);
}
