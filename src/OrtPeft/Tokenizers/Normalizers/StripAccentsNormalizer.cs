namespace OrtPeft;

/// <summary>Removes combining marks that stand by themselves; put NFD before it to reach accented letters.</summary>
sealed class StripAccentsNormalizer : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        for (int i = 0, length; i < source.Text.Length; i += length)
        {
            var c = CodePoints.At(source.Text, i, out length);
            if (!UnicodeTables.Mark.Contains(c))
                target.Add(source, i, i + length);
        }
    }
}
