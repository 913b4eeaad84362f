namespace OrtPeft;

/// <summary>Cuts into pieces of a number of characters.</summary>
sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    internal static FixedLengthPreTokenizer Read(JsonPart json) => new(
        json.Natural("length") is > 0 and var length ? length : throw json["length"].Error("is 0, expected 1 or more"));

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[..piece.End];
        var (start, count) = (piece.Start, 0);
        for (int i = piece.Start, units; i < text.Length; i += units)
        {
            _ = CodePoints.At(text, i, out units);
            if (count == length)
            {
                pieces.Cut(piece, start, i);
                (start, count) = (i, 0);
            }
            count++;
        }
        pieces.Cut(piece, start, piece.End);
    }
}
