namespace OrtPeft;

/// <summary>
/// Reads a SentencePiece model (spiece.model and its other names). How its pieces become ids, and what is put around a text, is a matter of
/// the model family: the same conversions as the Python library's. Pieces of all kinds are ordinary ones, as in the published files; the
/// newest Python library cuts user-defined ones out of the raw text, which gives other ids than SentencePiece itself.
/// </summary>
static class SentencePieceFile
{
    static readonly string[] Classes = ["XLMRobertaTokenizer", "CamembertTokenizer", "DebertaV2Tokenizer", "AlbertTokenizer", "T5Tokenizer"];

    internal static TokenizerParts Read(TokenizerFolder folder, string file)
    {
        var config = new TokenizerConfig(folder);
        var path = folder.PathOf(file);
        var proto = SentencePieceProto.Parse(folder.Read(file), path);
        return config.Class switch
        {
            "XLMRobertaTokenizer" => XlmRoberta(proto, config, path),
            "CamembertTokenizer" => Camembert(proto, config, path),
            "DebertaV2Tokenizer" => DebertaV2(proto, config, path),
            "AlbertTokenizer" => Albert(proto, config, path),
            "T5Tokenizer" => T5(proto, config, path),
            null => throw new OrtPeftException(
                $"'{path}' needs a tokenizer_config.json beside it whose tokenizer_class says what kind of model it belongs to."),
            var name => throw LegacyTokens.Refuse(path, name, Classes),
        };
    }

    static TokenizerParts XlmRoberta(SentencePieceProto proto, TokenizerConfig config, string path)
    {
        (string, double)[] pieces = [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), .. proto.Pieces.Skip(3), ("<mask>", 0)];
        return RobertaStyle(proto, config, path, pieces);
    }

    static TokenizerParts Camembert(SentencePieceProto proto, TokenizerConfig config, string path)
    {
        (string, double)[] pieces =
            [("<s>NOTUSED", 0), ("<pad>", 0), ("</s>NOTUSED", 0), ("<unk>", 0), ("<unk>NOTUSED", -100), .. proto.Pieces.Skip(1), ("<mask>", 0)];
        return RobertaStyle(proto, config, path, pieces);
    }

    static TokenizerParts RobertaStyle(SentencePieceProto proto, TokenizerConfig config, string path, (string, double)[] pieces)
    {
        var parts = Create(pieces, unknown: 3, path) with { Normalizer = TrimmedRight(proto) };
        var tokens = new LegacyTokens(parts.Vocabulary, config, path);
        var begin = tokens.Special(config.Token("cls_token", "<s>"));
        var pad = tokens.Special(config.Token("pad_token", "<pad>"));
        var separator = tokens.Special(config.Token("sep_token", "</s>"));
        tokens.Special(config.Token("unk_token", "<unk>"));
        tokens.Special(config.Token("mask_token", "<mask>", leftStrip: true));
        return Padded(parts, tokens, pad) with { PostProcessor = RobertaProcessing.Create(begin, separator, trim: null) };
    }

    static TokenizerParts DebertaV2(SentencePieceProto proto, TokenizerConfig config, string path)
    {
        // The mask is no piece of the model: it gets the next id.
        var mask = config.Token("mask_token", "[MASK]");
        var pieces = proto.Pieces.Any(p => p.Piece == mask.Content) ? proto.Pieces : [.. proto.Pieces, (mask.Content, 0)];
        Normalizer[] steps = [.. Lowercase(config), new StripNormalizer(left: true, right: true), .. proto.Rules(), Spaces(" ")];
        var parts = Create([.. pieces], proto.UnknownId, path, modelPieces: proto.Pieces.Count) with { Normalizer = new SequenceNormalizer(steps) };
        if (config.Flag("split_by_punct", otherwise: false))
        {
            var punctuation = CharacterPreTokenizer.Punctuation(SplitBehavior.Isolated);
            parts = parts with { PreTokenizer = new SequencePreTokenizer([punctuation, parts.PreTokenizer!]) };
        }
        return ClsStyle(parts, config, path, maskLeftStrip: false);
    }

    static TokenizerParts Albert(SentencePieceProto proto, TokenizerConfig config, string path)
    {
        Normalizer[] accents = config.Flag("keep_accents", otherwise: false)
            ? []
            : [new DecomposeNormalizer(compatibility: true), new StripAccentsNormalizer()];
        Normalizer[] lower = config.Flag("do_lower_case", otherwise: true) ? [new LowercaseNormalizer()] : [];
        Normalizer[] quotes = [new ReplaceNormalizer(new("``"), "\""), new ReplaceNormalizer(new("''"), "\"")];
        Normalizer[] steps = [.. quotes, .. accents, .. lower, .. proto.Rules(), Spaces(" ")];
        // Pieces such as "1," are all but forbidden.
        var pieces = proto.Pieces.Select(p => p.Piece is [.., var digit, ','] && UnicodeTables.RegexDigit.Contains(digit) ? (p.Piece, p.Score - 100) : p);
        var parts = Create([.. pieces], proto.UnknownId, path) with { Normalizer = new SequenceNormalizer(steps) };
        return ClsStyle(parts, config, path, maskLeftStrip: true);
    }

    static TokenizerParts ClsStyle(TokenizerParts parts, TokenizerConfig config, string path, bool maskLeftStrip)
    {
        var tokens = new LegacyTokens(parts.Vocabulary, config, path);
        var begin = tokens.Special(config.Token("cls_token", "[CLS]"));
        var separator = tokens.Special(config.Token("sep_token", "[SEP]"));
        var pad = tokens.Special(config.Token("pad_token", maskLeftStrip ? "<pad>" : "[PAD]"));
        tokens.Special(config.Token("unk_token", maskLeftStrip ? "<unk>" : "[UNK]"));
        tokens.Special(config.Token("mask_token", "[MASK]", maskLeftStrip));
        return Padded(parts, tokens, pad) with { PostProcessor = BertProcessing.Create(begin, separator) };
    }

    static TokenizerParts T5(SentencePieceProto proto, TokenizerConfig config, string path)
    {
        var extraIds = config.Natural("extra_ids", 100);
        var extra = Enumerable.Range(0, extraIds).Select(i => $"<extra_id_{extraIds - 1 - i}>").ToArray();
        var scheme = !config.Flag("add_prefix_space", otherwise: true) ? PrependScheme.Never : config.Flag("legacy", otherwise: true) ? PrependScheme.Always : PrependScheme.First;
        var parts = Create([.. proto.Pieces, .. extra.Select(e => (e, 0.0))], proto.UnknownId, path) with
        {
            Normalizer = TrimmedRight(proto),
            PreTokenizer = new MetaspacePreTokenizer('▁', scheme, split: true),
            Decoder = SimpleDecoders.Metaspace("▁", scheme != PrependScheme.Never),
        };
        var tokens = new LegacyTokens(parts.Vocabulary, config, path);
        var pad = tokens.Special(config.Token("pad_token", "<pad>"));
        var end = tokens.Special(config.Token("eos_token", "</s>"));
        tokens.Special(config.Token("unk_token", "<unk>"));
        foreach (var token in extra)
            tokens.Special(new(token, -1) { Special = true });
        var close = TemplateItem.Special(end, 0);
        return Padded(parts, tokens, pad) with
        {
            PostProcessor = new()
            {
                Single = new(TemplateItem.Text(0, 0), close),
                Pair = new(TemplateItem.Text(0, 0), close, TemplateItem.Text(1, 0), close),
                BarePair = new(TemplateItem.Text(0, 0), TemplateItem.Text(1, 0)),
            },
        };
    }

    static TokenizerParts Padded(TokenizerParts parts, LegacyTokens tokens, int pad) =>
        parts with { AddedTokens = tokens.Added, PadId = pad, PadToken = parts.Vocabulary[pad] };

    static SequenceNormalizer TrimmedRight(SentencePieceProto proto) =>
        new([.. proto.Rules(), new StripNormalizer(left: false, right: true), Spaces("▁")]);

    static Normalizer[] Lowercase(TokenizerConfig config) => config.Flag("do_lower_case", otherwise: false) ? [new LowercaseNormalizer()] : [];

    static ReplaceNormalizer Spaces(string by) => new(new(CodePointRegex.Parse(" {2,}")), by);

    /// <summary>A Unigram model over visible spaces. Pieces after the first <paramref name="modelPieces"/> are added tokens only.</summary>
    static TokenizerParts Create((string Piece, double Score)[] pieces, int unknown, string path, int? modelPieces = null)
    {
        var vocabulary = LegacyTokens.CreateVocabulary([.. pieces.Select(p => p.Piece)], path);
        var count = modelPieces ?? pieces.Length;
        if (unknown < 0 || unknown >= count)
            throw new OrtPeftException($"'{path}' says that the piece {unknown} is the unknown one, but it has {count} pieces.");
        var own = count == pieces.Length ? vocabulary : new Vocabulary([.. pieces.Take(count).Select(p => p.Piece)]);
        return new(new UnigramModel(own, [.. pieces.Take(count).Select(p => p.Score)], unknown, byteFallback: false), vocabulary)
        {
            PreTokenizer = new MetaspacePreTokenizer('▁', PrependScheme.Always, split: true),
            Decoder = SimpleDecoders.Metaspace("▁", prepended: true),
        };
    }
}
