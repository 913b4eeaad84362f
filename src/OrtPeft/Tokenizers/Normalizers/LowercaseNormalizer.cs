namespace OrtPeft;

/// <summary>Lower case, character by character (no final sigma).</summary>
sealed class LowercaseNormalizer : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        for (int i = 0, length; i < source.Text.Length; i += length)
        {
            var c = CodePoints.At(source.Text, i, out length);
            var origin = source.Origin(i, i + length);
            var lower = UnicodeTables.Lower[c];
            if (lower.IsEmpty)
                target.Add(c, origin);
            foreach (var l in lower)
                target.Add(l, origin);
        }
    }
}
