namespace OrtPeft;

/// <summary>SentencePiece's spaces: each becomes a visible character, which also opens the text, and every word begins with one.</summary>
sealed class MetaspacePreTokenizer(int replacement, PrependScheme scheme, bool split) : PreTokenizer
{
    readonly string _replacement = char.ConvertFromUtf32(replacement);

    internal static MetaspacePreTokenizer Read(JsonPart json) =>
        new(ReadReplacement(json), ReadScheme(json), json.Boolean("split", otherwise: true));

    internal static int ReadReplacement(JsonPart json)
    {
        var text = json.Text("replacement");
        if (text.Length == 0 || CodePoints.NeedsRepair(text))
            throw json["replacement"].Error("must be one character");
        var c = CodePoints.At(text, 0, out var length);
        return length == text.Length ? c : throw json["replacement"].Error($"is '{text}', expected one character");
    }

    /// <summary>Older files say add_prefix_space instead.</summary>
    internal static PrependScheme ReadScheme(JsonPart json) => json["prepend_scheme"] is { IsNull: false } scheme
        ? scheme.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw scheme.Error($"is '{other}', expected always, first or never"),
        }
        : json.Boolean("add_prefix_space", otherwise: true) ? PrependScheme.Always : PrependScheme.Never;

    // Whether a piece begins the text shows only in where it came from.
    internal override bool NeedsOrigins => scheme == PrependScheme.First;

    internal override void Apply(Pieces pieces)
    {
        var text = pieces.Rewrite();
        foreach (var piece in pieces.All)
        {
            var view = pieces.View(piece);
            var start = text.Length;
            if (piece.Token >= 0)
            {
                text.Add(view, 0, view.Text.Length);
                pieces.Add(piece with { Start = start, End = text.Length });
                continue;
            }
            var visible = CodePoints.At(view.Text, 0, out _) is var first && (first == replacement || first == ' ');
            if (!visible && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.Base == 0)))
                PrependNormalizer.Prepend(view, _replacement, text);
            Rewrite(view, text);
            Cut(pieces, text, piece with { Start = start, End = text.Length });
        }
        pieces.CommitText();
    }

    protected override void Split(Pieces pieces, Piece piece) => pieces.Add(piece);

    void Rewrite(in AlignedView view, AlignedText text)
    {
        var position = 0;
        while (view.Text[position..].IndexOf(' ') is >= 0 and var found)
        {
            text.Add(view, position, position + found);
            position += found + 1;
            text.Add(replacement, view.Origin(position - 1, position));
        }
        text.Add(view, position, view.Text.Length);
    }

    void Cut(Pieces pieces, AlignedText text, Piece piece)
    {
        var start = piece.Start;
        while (split && text.Chars[(start + _replacement.Length)..].IndexOf(_replacement, StringComparison.Ordinal) is >= 0 and var found)
        {
            var next = start + _replacement.Length + found;
            pieces.Add(Part(text, piece, start, next));
            start = next;
        }
        pieces.Add(Part(text, piece, start, piece.End));
    }

    static Piece Part(AlignedText text, Piece piece, int start, int end) =>
        piece with { Start = start, End = end, Base = text.Tracked ? text.Origin(start, end).Start : 0 };
}

/// <summary>Where a word begins although there is no space.</summary>
enum PrependScheme
{
    /// <summary>At the start of every piece.</summary>
    Always,

    /// <summary>At the start of the text.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}
