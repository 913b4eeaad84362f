namespace OrtPeft;

/// <summary>Reads vocab.txt, the file of BERT and its kin: one WordPiece token a line.</summary>
static class VocabTxt
{
    static readonly string[] Classes =
        ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer", "RetriBertTokenizer"];

    internal static TokenizerParts Read(TokenizerFolder folder, string file)
    {
        var config = new TokenizerConfig(folder);
        if (config.Class is { } name && !Classes.Contains(name))
            throw LegacyTokens.Refuse(folder.PathOf(file), name, Classes);
        var vocabulary = LegacyTokens.CreateVocabulary(folder.ReadLines(file), folder.PathOf(file));
        var tokens = new LegacyTokens(vocabulary, config, folder.PathOf(file));
        var unknown = tokens.Special(config.Token("unk_token", "[UNK]"));
        var separator = tokens.Special(config.Token("sep_token", "[SEP]"));
        var pad = tokens.Special(config.Token("pad_token", "[PAD]"));
        var begin = tokens.Special(config.Token("cls_token", "[CLS]"));
        _ = tokens.Special(config.Token("mask_token", "[MASK]"));
        return new(new WordPieceModel(vocabulary, unknown, "##", maxCharacters: 100), vocabulary)
        {
            AddedTokens = tokens.Added,
            Normalizer = config.Flag("do_basic_tokenize", otherwise: true)
                ? new BertNormalizer(
                    cleanText: true,
                    config.Flag("tokenize_chinese_chars", otherwise: true),
                    config.OptionalFlag("strip_accents"),
                    config.Flag("do_lower_case", otherwise: true))
                : new BertNormalizer(cleanText: true, chineseCharacters: false, stripAccents: false, lowercase: false),
            PreTokenizer = new BertPreTokenizer(),
            PostProcessor = BertProcessing.Create(begin, separator),
            Decoder = WordPieceDecoder.Create("##", cleanup: true),
            PadId = pad,
            PadToken = vocabulary[pad],
        };
    }
}
