namespace OrtPeft;

/// <summary>Several labels an example: a list in JSON, `a|b` in tables; the empty field is the empty list.</summary>
static class LabelLists
{
    internal static IReadOnlyList<string> Of(TextData data, Example example) => example.Labels ?? Split(example.Label) ?? (data.IsLabelTable ? Array.Empty<string>() : null)
        ?? throw DataError.At(data.Source, example.Line, $"example {DataError.Quote(example.Id)} has no labels. Is the right label column named? For none write [] in JSON.");

    /// <summary>The distinct labels of training data, in ordinal order.</summary>
    internal static LabelSet From(TextData data) =>
        new(new SortedSet<string>(data.SelectMany(e => Of(data, e)), StringComparer.Ordinal));

    static string[]? Split(string? labels) => labels?.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
