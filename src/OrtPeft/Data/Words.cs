namespace OrtPeft;

/// <summary>Cuts a plain text into the words that token classification answers for: runs of letters and digits, and every other visible character alone.</summary>
static class Words
{
    internal static IReadOnlyList<string> Of(string text)
    {
        var words = new List<string>();
        var inside = false;
        for (var i = 0; i < text.Length;)
        {
            var length = char.IsSurrogatePair(text, i) ? 2 : 1;
            var part = char.IsLetterOrDigit(text, i) || char.GetUnicodeCategory(text, i) is System.Globalization.UnicodeCategory.NonSpacingMark;
            if (part && inside)
                words[^1] += text.Substring(i, length);
            else if (part || !char.IsWhiteSpace(text, i))
                words.Add(text.Substring(i, length));
            inside = part;
            i += length;
        }
        return words;
    }
}
