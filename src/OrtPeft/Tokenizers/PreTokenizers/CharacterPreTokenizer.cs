namespace OrtPeft;

/// <summary>Cuts at every character of a kind: white space, punctuation, digits, one given character.</summary>
sealed class CharacterPreTokenizer(Func<int, bool> isDelimiter, SplitBehavior behavior) : PreTokenizer
{
    internal static CharacterPreTokenizer WhitespaceSplit { get; } = new(UnicodeTables.White.Contains, SplitBehavior.Removed);

    internal static CharacterPreTokenizer ReadPunctuation(JsonPart json) =>
        Punctuation(json["behavior"].OneOf<SplitBehavior>(SplitBehavior.Isolated));

    internal static CharacterPreTokenizer Punctuation(SplitBehavior behavior) => new(UnicodeTables.Punctuation.Contains, behavior);

    internal static CharacterPreTokenizer ReadDigits(JsonPart json) =>
        new(UnicodeTables.Numeric.Contains, json.Boolean("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    internal static CharacterPreTokenizer ReadDelimiter(JsonPart json)
    {
        var text = json.Text("delimiter");
        if (text.Length == 0 || CodePoints.NeedsRepair(text))
            throw json["delimiter"].Error("must be one character");
        var delimiter = CodePoints.At(text, 0, out var length);
        return length == text.Length
            ? new(c => c == delimiter, SplitBehavior.Removed)
            : throw json["delimiter"].Error($"is '{text}', expected one character");
    }

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[piece.Start..piece.End];
        var matches = pieces.Matches;
        matches.Clear();
        for (int i = 0, length; i < text.Length; i += length)
        {
            if (isDelimiter(CodePoints.At(text, i, out length)))
                matches.Add(new(i, i + length));
        }
        Splitter.Split(pieces, piece, matches, behavior, invert: false);
    }
}
