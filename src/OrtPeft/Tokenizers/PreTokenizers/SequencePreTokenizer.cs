namespace OrtPeft;

/// <summary>One pre-tokenizer after the other, each on the pieces of the one before.</summary>
sealed class SequencePreTokenizer(PreTokenizer[] steps) : PreTokenizer
{
    internal static SequencePreTokenizer Read(JsonPart json) => new([.. json["pretokenizers"].Items().Select(PreTokenizers.Table.Read)]);

    internal override bool NeedsOrigins { get; } = steps.Any(s => s.NeedsOrigins);

    internal override void Apply(Pieces pieces)
    {
        foreach (var step in steps)
            step.Apply(pieces);
    }

    protected override void Split(Pieces pieces, Piece piece) => pieces.Add(piece);
}
