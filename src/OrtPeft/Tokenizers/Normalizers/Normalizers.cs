namespace OrtPeft;

/// <summary>All normalizers by the name that tokenizer.json gives them.</summary>
static class Normalizers
{
    internal static readonly ComponentTable<Normalizer> Table = new("normalizer")
    {
        ["BertNormalizer"] = BertNormalizer.Read,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = _ => new ComposeNormalizer(compatibility: false),
        ["NFD"] = _ => new DecomposeNormalizer(compatibility: false),
        ["NFKC"] = _ => new ComposeNormalizer(compatibility: true),
        ["NFKD"] = _ => new DecomposeNormalizer(compatibility: true),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Read,
        ["Prepend"] = PrependNormalizer.Read,
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = SequenceNormalizer.Read,
        ["Strip"] = StripNormalizer.Read,
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    };
}
