namespace OrtPeft;

/// <summary>All decoders by the name that tokenizer.json gives them.</summary>
static class Decoders
{
    internal static readonly ComponentTable<Decoder> Table = new("decoder")
    {
        ["BPEDecoder"] = SimpleDecoders.ReadBpe,
        ["ByteFallback"] = _ => new ByteFallbackDecoder(),
        ["ByteLevel"] = _ => new ByteLevelDecoder(),
        ["CTC"] = CtcDecoder.Read,
        ["Fuse"] = _ => new SimpleDecoders.Fuse(),
        ["Metaspace"] = SimpleDecoders.ReadMetaspace,
        ["Replace"] = SimpleDecoders.ReadReplace,
        ["Sequence"] = SequenceDecoder.Read,
        ["Strip"] = SimpleDecoders.ReadStrip,
        ["WordPiece"] = WordPieceDecoder.Read,
    };
}
