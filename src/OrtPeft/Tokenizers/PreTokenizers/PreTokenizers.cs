namespace OrtPeft;

/// <summary>All pre-tokenizers by the name that tokenizer.json gives them.</summary>
static class PreTokenizers
{
    internal static readonly ComponentTable<PreTokenizer> Table = new("pre-tokenizer")
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["CharDelimiterSplit"] = CharacterPreTokenizer.ReadDelimiter,
        ["Digits"] = CharacterPreTokenizer.ReadDigits,
        ["FixedLength"] = FixedLengthPreTokenizer.Read,
        ["Metaspace"] = MetaspacePreTokenizer.Read,
        ["Punctuation"] = CharacterPreTokenizer.ReadPunctuation,
        ["Sequence"] = SequencePreTokenizer.Read,
        ["Split"] = SplitPreTokenizer.Read,
        ["UnicodeScripts"] = _ => new UnicodeScriptsPreTokenizer(),
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => CharacterPreTokenizer.WhitespaceSplit,
    };
}
