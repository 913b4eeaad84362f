namespace OrtPeft;

/// <summary>What Split and Replace look for: a fixed text or a regular expression.</summary>
sealed class TextPattern
{
    readonly string? _text;
    readonly CodePointRegex? _regex;

    internal TextPattern(string text) => _text = text;

    internal TextPattern(CodePointRegex regex) => _regex = regex;

    internal static TextPattern Read(JsonPart json)
    {
        if (json["String"] is { IsNull: false } text)
            return new(text.Text());
        var regex = json["Regex"];
        try
        {
            return new(CodePointRegex.Parse(regex.Text()));
        }
        catch (RegexRefusedException e)
        {
            throw regex.Error($"is a regular expression that cannot be carried out exactly: {e.Message}", e);
        }
    }

    /// <summary>All matches from left to right, in the list given. In an empty text there are none, not even empty ones.</summary>
    internal List<TextSpan> Find(ReadOnlySpan<char> text, List<TextSpan> matches)
    {
        matches.Clear();
        if (text.IsEmpty)
            return matches;
        // The pattern of most SentencePiece tokenizers, which hardly ever matches.
        if (_regex is { Source: " {2,}" } && text.IndexOf("  ", StringComparison.Ordinal) < 0)
            return matches;
        if (_regex is not null)
        {
            _regex.Find(text, matches);
            return matches;
        }
        for (var start = 0; _text!.Length > 0 && start < text.Length;)
        {
            var found = text[start..].IndexOf(_text, StringComparison.Ordinal);
            if (found < 0)
                break;
            matches.Add(new(start + found, start + found + _text.Length));
            start += found + _text.Length;
        }
        return matches;
    }
}
