namespace OrtPeft;

/// <summary>From a text to the tokens of one sequence: added tokens, normalizer, pre-tokenizer, model.</summary>
sealed class EncodingPipeline(TokenModel model, AddedTokens rawTokens, AddedTokens normalizedTokens, Normalizer? normalizer, PreTokenizer? preTokenizer)
{
    /// <summary>
    /// Fills <paramref name="tokens"/>; may stop after the word that makes <paramref name="enough"/> tokens (not after an added token:
    /// see <see cref="Truncation.Counted"/>).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="tracked">Whether offsets are wanted.</param>
    /// <param name="enough">How many tokens can be used at most.</param>
    /// <param name="workspace">Working memory.</param>
    /// <param name="tokens">Receives the tokens; their spans refer to <paramref name="text"/>.</param>
    internal void Run(ReadOnlySpan<char> text, bool tracked, int enough, EncodingWorkspace workspace, TokenList tokens)
    {
        if (CodePoints.NeedsRepair(text))
            text = workspace.Repair(text);
        var pieces = workspace.Pieces;
        pieces.Clear(tracked || preTokenizer is { NeedsOrigins: true });
        CutRaw(new(text, default, 0), pieces, workspace.Scratch);
        preTokenizer?.Apply(pieces);

        tokens.Clear();
        var all = pieces.All;
        var chars = pieces.Text.Chars;
        for (var word = 0; word < all.Length; word++)
        {
            var piece = all[word];
            var first = tokens.Count;
            if (piece.Token >= 0)
                tokens.AddAdded(piece.Token, piece.End - piece.Start, word);
            else
                Tokenize(chars[piece.Start..piece.End], tokens, workspace.Cache);
            tokens.Words[first..].Fill(word);
            if (tracked)
                FindOrigins(pieces.Text, piece, tokens, first);
            if (piece.Token < 0 && tokens.Count >= enough)
                break;
        }
    }

    /// <summary>Turns spans within a piece into spans of the original text. What a token looks like there is known for the last time.</summary>
    void FindOrigins(AlignedText text, Piece piece, TokenList tokens, int first)
    {
        var spans = tokens.Spans;
        for (var i = first; i < spans.Length; i++)
        {
            var (start, end) = (piece.Start + spans[i].Start, piece.Start + spans[i].End);
            if (piece.Token >= 0 || tokens.Ids[i] == model.SpelledAsText)
                tokens.AddEndSpaces(i, EndSpaces.Of(text.Chars[start..end]));
            spans[i] = text.Origin(start, end);
        }
    }

    void Tokenize(ReadOnlySpan<char> piece, TokenList tokens, WordCache cache)
    {
        if (!WordCache.Fits(piece))
        {
            model.Tokenize(piece, tokens);
            return;
        }
        var hash = SpanHash.Of(piece);
        if (cache.TryGet(piece, hash, tokens))
            return;
        var first = tokens.Count;
        model.Tokenize(piece, tokens);
        cache.Put(piece, hash, tokens, first);
    }

    /// <summary>Cuts out the added tokens that are looked for in the text as it is, and normalises what lies between them.</summary>
    void CutRaw(in AlignedView source, Pieces pieces, Scratch scratch)
    {
        var used = 0;
        for (var position = 0; rawTokens.TryFind(source.Text, position, used, out var match); position = match.Resume)
        {
            Normalize(Slice(source, used, match.Start), pieces, scratch);
            var start = pieces.Text.Length;
            pieces.Text.Add(source, match.Start, match.End);
            pieces.Add(new(start, pieces.Text.Length, match.Start, match.Token.Id));
            used = match.End;
        }
        Normalize(Slice(source, used, source.Text.Length), pieces, scratch);
        pieces.Commit();
    }

    static AlignedView Slice(in AlignedView source, int start, int end) =>
        start < end ? new(source.Text[start..end], default, source.Base + start) : default;

    /// <summary>Normalises a stretch and cuts out the added tokens that are looked for in normalised text.</summary>
    void Normalize(in AlignedView source, Pieces pieces, Scratch scratch)
    {
        if (source.Text.IsEmpty)
            return;
        var target = pieces.Text;
        var start = target.Length;
        if (normalizer is null)
            target.Add(source, 0, source.Text.Length);
        else
            normalizer.Apply(source, target, scratch);
        var text = target.Chars[start..];
        var whole = new Piece(start, target.Length, source.Base);
        var used = 0;
        for (var position = 0; normalizedTokens.TryFind(text, position, used, out var match); position = match.Resume)
        {
            pieces.Cut(whole, start + used, start + match.Start);
            pieces.Cut(whole with { Token = match.Token.Id }, start + match.Start, start + match.End);
            used = match.End;
        }
        pieces.Cut(whole, start + used, target.Length);
    }
}
