using System.Collections.Immutable;

namespace OrtPeft;

/// <summary>Fills encodings up to equal lengths.</summary>
static class TokenPadder
{
    internal static TokenEncoding[] Pad(TokenEncoding[] encodings, TokenPadding padding)
    {
        var length = padding.Length ?? encodings.Select(e => e.Length).DefaultIfEmpty().Max();
        if (padding.MultipleOf is > 0 and var multiple)
            length = checked((length + multiple - 1) / multiple * multiple);
        return [.. encodings.Select(e => PadTo(length, e, padding))];
    }

    static TokenEncoding PadTo(int length, TokenEncoding encoding, TokenPadding padding)
    {
        var missing = Math.Max(0, length - encoding.Length);
        return new()
        {
            Ids = Pad(encoding.Ids, padding.Id ?? 0),
            TypeIds = Pad(encoding.TypeIds, padding.TypeId),
            AttentionMask = Pad(encoding.AttentionMask, 0),
            SpecialTokensMask = Pad(encoding.SpecialTokensMask, 1),
            Offsets = Pad(encoding.Offsets, default),
            CodePointOffsets = Pad(encoding.CodePointOffsets, default),
            WordIds = Pad(encoding.WordIds, -1),
            SequenceIds = Pad(encoding.SequenceIds, -1),
            Tokens = Pad(encoding.Tokens, padding.Token ?? ""),
            Overflow = [.. encoding.Overflow.Select(o => PadTo(length, o, padding))],
        };

        ImmutableArray<T> Pad<T>(ImmutableArray<T> values, T value)
        {
            if (missing == 0)
                return values;
            var filled = Enumerable.Repeat(value, missing);
            return padding.Side == TokenSide.Right ? [.. values, .. filled] : [.. filled, .. values];
        }
    }
}
