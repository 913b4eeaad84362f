namespace OrtPeft;

/// <summary>Removes white space at the ends.</summary>
sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    internal static StripNormalizer Read(JsonPart json) => new(json.Boolean("strip_left"), json.Boolean("strip_right"));

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        var (start, end) = (0, source.Text.Length);
        while (left && start < end && UnicodeTables.White.Contains(source.Text[start]))
            start++;
        while (right && end > start && UnicodeTables.White.Contains(source.Text[end - 1]))
            end--;
        target.Add(source, start, end);
    }
}
