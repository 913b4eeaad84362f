namespace OrtPeft;

/// <summary>Words (letters, digits, marks, underscores) and runs of other characters; white space goes away.</summary>
sealed class WhitespacePreTokenizer : PreTokenizer
{
    const int White = 0, Word = 1, Other = 2;

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[..piece.End];
        var (start, kind) = (piece.Start, White);
        for (int i = piece.Start, length; i < text.Length; i += length)
        {
            var next = Kind(CodePoints.At(text, i, out length));
            if (next == kind)
                continue;
            if (kind != White)
                pieces.Cut(piece, start, i);
            (start, kind) = (i, next);
        }
        if (kind != White)
            pieces.Cut(piece, start, piece.End);
    }

    static int Kind(int c) => UnicodeTables.Word.Contains(c) ? Word : UnicodeTables.White.Contains(c) ? White : Other;
}
