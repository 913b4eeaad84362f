namespace OrtPeft;

/// <summary>Cuts at a text or a regular expression.</summary>
sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
{
    internal static SplitPreTokenizer Read(JsonPart json) =>
        new(TextPattern.Read(json["pattern"]), json["behavior"].OneOf<SplitBehavior>(), json.Boolean("invert"));

    protected override void Split(Pieces pieces, Piece piece) =>
        Splitter.Split(pieces, piece, pattern.Find(pieces.Text.Chars[piece.Start..piece.End], pieces.Matches), behavior, invert);
}
