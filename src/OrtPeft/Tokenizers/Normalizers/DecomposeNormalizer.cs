namespace OrtPeft;

/// <summary>NFD and NFKD.</summary>
sealed class DecomposeNormalizer(bool compatibility) : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        if (System.Text.Ascii.IsValid(source.Text))
            target.Add(source, 0, source.Text.Length);
        else
            Decomposition.Decompose(source, compatibility, target, scratch);
    }
}
