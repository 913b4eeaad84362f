namespace OrtPeft;

/// <summary>Converts positions in a text from UTF-16 units to code points.</summary>
sealed class CodePointIndex
{
    internal static readonly CodePointIndex Identity = new([]);

    // Position of every unit that is the second half of a surrogate pair.
    readonly int[] _lowSurrogates;

    CodePointIndex(int[] lowSurrogates) => _lowSurrogates = lowSurrogates;

    internal bool IsIdentity => _lowSurrogates.Length == 0;

    internal static CodePointIndex Of(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return Identity;
        var positions = new List<int>();
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
                positions.Add(i);
        }
        return positions.Count == 0 ? Identity : new([.. positions]);
    }

    internal TextSpan Convert(TextSpan span) => new(Convert(span.Start), Convert(span.End));

    int Convert(int position)
    {
        var before = Array.BinarySearch(_lowSurrogates, position);
        return position - (before < 0 ? ~before : before);
    }
}
