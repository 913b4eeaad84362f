namespace OrtPeft;

/// <summary>Cuts where the script changes; spaces go with either side.</summary>
sealed class UnicodeScriptsPreTokenizer : PreTokenizer
{
    const int Any = 1;

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[..piece.End];
        var (start, script) = (-1, Any);
        for (int i = piece.Start, length; i < text.Length; i += length)
        {
            var next = UnicodeTables.ScriptRun[CodePoints.At(text, i, out length)];
            if (next == Any || next == script)
                continue;
            // Spaces before the first script go away, as in the Hugging Face library.
            if (start >= 0)
                pieces.Cut(piece, start, i);
            (start, script) = (i, next);
        }
        if (start >= 0)
            pieces.Cut(piece, start, piece.End);
    }
}
