namespace OrtPeft;

/// <summary>Cuts at white space, which goes away, and around each punctuation character.</summary>
sealed class BertPreTokenizer : PreTokenizer
{
    const byte Letter = 0, White = 1, Punctuation = 2;
    readonly byte[] _kind = new byte[0x10000];

    internal BertPreTokenizer()
    {
        for (var c = 0; c < 0x10000; c++)
            _kind[c] = Kind(c);
    }

    static byte Kind(int codePoint) =>
        UnicodeTables.White.Contains(codePoint) ? White : UnicodeTables.Punctuation.Contains(codePoint) ? Punctuation : Letter;

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[..piece.End];
        var start = piece.Start;
        for (int i = piece.Start, length; i < text.Length; i += length)
        {
            length = 1;
            var kind = char.IsHighSurrogate(text[i]) ? Kind(CodePoints.At(text, i, out length)) : _kind[text[i]];
            if (kind == Letter)
                continue;
            pieces.Cut(piece, start, i);
            if (kind == Punctuation)
                pieces.Cut(piece, i, i + length);
            start = i + length;
        }
        pieces.Cut(piece, start, piece.End);
    }
}
