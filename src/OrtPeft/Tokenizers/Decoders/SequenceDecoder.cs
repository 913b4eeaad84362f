namespace OrtPeft;

/// <summary>One decoder after the other.</summary>
sealed class SequenceDecoder(Decoder[] steps) : Decoder
{
    internal static SequenceDecoder Read(JsonPart json) => new([.. json["decoders"].Items().Select(Decoders.Table.Read)]);

    internal override List<string> Apply(List<string> tokens) => steps.Aggregate(tokens, (list, step) => step.Apply(list));
}
