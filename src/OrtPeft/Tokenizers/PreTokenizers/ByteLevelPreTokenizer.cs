namespace OrtPeft;

/// <summary>GPT-2: words with the space before them, written as bytes in a visible alphabet.</summary>
sealed class ByteLevelPreTokenizer(bool prefixSpace, bool cut) : PreTokenizer
{
    internal static ByteLevelPreTokenizer Read(JsonPart json) =>
        new(json.Boolean("add_prefix_space"), json.Boolean("use_regex", otherwise: true));

    internal override void Apply(Pieces pieces)
    {
        if (prefixSpace)
            AddPrefixSpaces(pieces);
        if (cut)
            base.Apply(pieces);
        var text = pieces.Rewrite();
        foreach (var piece in pieces.All)
        {
            var start = text.Length;
            var view = pieces.View(piece);
            if (piece.Token >= 0)
                text.Add(view, 0, view.Text.Length);
            else
                ByteAlphabet.Write(view, text);
            pieces.Add(piece with { Start = start, End = text.Length });
        }
        pieces.CommitText();
    }

    protected override void Split(Pieces pieces, Piece piece)
    {
        var text = pieces.Text.Chars[..piece.End];
        for (var start = piece.Start; start < piece.End;)
        {
            var end = Gpt2Words.End(text, start);
            pieces.Cut(piece, start, end);
            start = end;
        }
    }

    static void AddPrefixSpaces(Pieces pieces)
    {
        var text = pieces.Rewrite();
        foreach (var piece in pieces.All)
        {
            var start = text.Length;
            var view = pieces.View(piece);
            if (piece.Token < 0 && view.Text[0] != ' ')
                PrependNormalizer.Prepend(view, " ", text);
            text.Add(view, 0, view.Text.Length);
            pieces.Add(piece with { Start = start, End = text.Length });
        }
        pieces.CommitText();
    }
}
