namespace OrtPeft;

/// <summary>A label as it is shown: kept apart from the writing direction around it, and shortened where it is very long.</summary>
static class LabelName
{
    const int Longest = 28;

    internal static Html Draw(string label)
    {
        var shown = Show.Shortened(label, Longest);
        return shown == label ? $"<bdi>{label}</bdi>" : (Html)$"""<bdi title="{label}">{shown}</bdi>""";
    }
}
