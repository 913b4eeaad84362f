namespace OrtPeft;

/// <summary>Messages about data files: where it happened comes first, names taken from the file are shortened and made harmless.</summary>
static class DataError
{
    const int LongestName = 60;
    const int MostNames = 20;

    internal static OrtPeftException At(string? source, long line, string problem, Exception? inner = null) =>
        new($"{Where(source, line)}: {problem}", inner);

    internal static string Where(string? source, long line) =>
        line > 0 ? $"{source ?? "The data"}, line {line}" : source ?? "The data";

    /// <summary>A name in quotes: at most 60 characters, control characters replaced (they could steer a terminal).</summary>
    internal static string Quote(string name)
    {
        var shown = name.Length <= LongestName ? name : string.Concat(name.AsSpan(0, LongestName), "...");
        return $"'{Harmless(shown)}'";
    }

    /// <summary>A name with its control characters replaced.</summary>
    internal static string Harmless(string name) => string.Create(name.Length, name, (span, s) => Harmless(s, span));

    /// <summary>'a', 'b' and 'c'; long lists end in "and N more".</summary>
    internal static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var shown = all.Take(MostNames).Select(Quote).ToList();
        if (all.Count > MostNames)
            return $"{string.Join(", ", shown)} and {all.Count - MostNames} more";
        return shown.Count switch
        {
            0 => "none",
            1 => shown[0],
            _ => $"{string.Join(", ", shown.SkipLast(1))} and {shown[^1]}",
        };
    }

    static void Harmless(string text, Span<char> destination)
    {
        for (var i = 0; i < text.Length; i++)
            destination[i] = char.IsControl(text[i]) ? '\uFFFD' : text[i];
    }
}
