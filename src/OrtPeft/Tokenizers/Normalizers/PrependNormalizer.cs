namespace OrtPeft;

/// <summary>Puts a text before every text that is not empty.</summary>
sealed class PrependNormalizer(string prefix) : Normalizer
{
    internal static PrependNormalizer Read(JsonPart json) => new(json.Text("prepend"));

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        Prepend(source, prefix, target);
        target.Add(source, 0, source.Text.Length);
    }

    /// <summary>Writes the prefix, which stands for the same original text as the first character.</summary>
    internal static void Prepend(in AlignedView source, string prefix, AlignedText target)
    {
        if (source.Text.IsEmpty)
            return;
        _ = CodePoints.At(source.Text, 0, out var length);
        var origin = source.Origin(0, length);
        foreach (var c in prefix)
            target.Add(c, origin);
    }
}
