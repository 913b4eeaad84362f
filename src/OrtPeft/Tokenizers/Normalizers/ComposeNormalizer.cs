namespace OrtPeft;

/// <summary>NFC and NFKC: decomposed, then composed.</summary>
sealed class ComposeNormalizer(bool compatibility) : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        if (System.Text.Ascii.IsValid(source.Text))
        {
            target.Add(source, 0, source.Text.Length);
            return;
        }
        var changes = Decomposition.Decompose(source.Text, compatibility, scratch.Changes);
        Composition.Compose(changes);
        var edit = new Edit(source, target);
        foreach (var (codePoint, change) in changes)
            edit.Write(codePoint, change);
    }
}
