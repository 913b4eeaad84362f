namespace OrtPeft;

/// <summary>Reads vocab.json and merges.txt, the files of GPT-2 and RoBERTa: byte-level BPE.</summary>
static class VocabAndMerges
{
    static readonly string[] Classes = ["GPT2Tokenizer", "RobertaTokenizer", "LongformerTokenizer", "BartTokenizer"];

    internal static TokenizerParts Read(TokenizerFolder folder, string file)
    {
        var config = new TokenizerConfig(folder);
        var vocabulary = VocabularyJson.Read(TokenizerJson.Parse(folder.Read(file), folder.PathOf(file)));
        if (vocabulary.FirstGap is { } gap)
            throw new OrtPeftException($"'{folder.PathOf(file)}' leaves a gap: no token has the id {gap}.");
        var name = config.Class ?? (vocabulary.IdOf("</s>") >= 0 ? "RobertaTokenizer" : "GPT2Tokenizer");
        if (!Classes.Contains(name))
            throw LegacyTokens.Refuse(folder.PathOf(file), name, Classes);
        var parts = new TokenizerParts(new BpeModel(vocabulary, ReadMerges(folder, vocabulary), new()), vocabulary)
        {
            PreTokenizer = new ByteLevelPreTokenizer(config.Flag("add_prefix_space", otherwise: false), cut: true),
            Decoder = new ByteLevelDecoder(),
        };
        var tokens = new LegacyTokens(vocabulary, config, folder.PathOf(file));
        return name == "GPT2Tokenizer" ? Gpt2(parts, tokens, config) : Roberta(parts, tokens, config);
    }

    static TokenizerParts Gpt2(TokenizerParts parts, LegacyTokens tokens, TokenizerConfig config)
    {
        var begin = tokens.Special(config.Token("bos_token", "<|endoftext|>"));
        tokens.Special(config.Token("eos_token", "<|endoftext|>"));
        tokens.Special(config.Token("unk_token", "<|endoftext|>"));
        parts = parts with { AddedTokens = tokens.Added };
        if (!config.Flag("add_bos_token", otherwise: false))
            return parts;
        var open = TemplateItem.Special(begin, 0);
        return parts with { PostProcessor = new() { Single = new(open, TemplateItem.Text(0, 0)), Pair = new(open, TemplateItem.Text(0, 0), TemplateItem.Text(1, 1)) } };
    }

    static TokenizerParts Roberta(TokenizerParts parts, LegacyTokens tokens, TokenizerConfig config)
    {
        var begin = tokens.Special(config.Token("cls_token", "<s>"));
        var pad = tokens.Special(config.Token("pad_token", "<pad>"));
        var separator = tokens.Special(config.Token("sep_token", "</s>"));
        tokens.Special(config.Token("unk_token", "<unk>"));
        tokens.Special(config.Token("mask_token", "<mask>", leftStrip: true));
        var prefixSpace = config.Flag("add_prefix_space", otherwise: false);
        return parts with
        {
            AddedTokens = tokens.Added,
            PostProcessor = RobertaProcessing.Create(begin, separator, new(prefixSpace)),
            PadId = pad,
            PadToken = parts.Vocabulary[pad],
        };
    }

    static PairTable ReadMerges(TokenizerFolder folder, Vocabulary vocabulary)
    {
        const string name = "merges.txt";
        var lines = folder.ReadLines(name);
        var table = new PairTable(lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || (i == 0 && lines[i].StartsWith("#version", StringComparison.Ordinal)))
                continue;
            OrtPeftException Error(string what, Exception? inner) => new($"'{folder.PathOf(name)}', line {i + 1}: {what}.", inner);
            var parts = lines[i].Split(' ');
            if (parts.Length != 2)
                throw Error($"'{lines[i]}' is not two tokens with one space between them", null);
            BpeMerges.Add(table, vocabulary, parts[0], parts[1], prefixLength: 0, i, Error);
        }
        return table;
    }
}
