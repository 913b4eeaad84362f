namespace OrtPeft;

/// <summary>
/// A stretch of text together with where each UTF-16 unit came from in the original text. A stretch of the original text itself needs
/// no table: unit i came from <c>Base + i</c>.
/// </summary>
readonly ref struct AlignedView(ReadOnlySpan<char> text, ReadOnlySpan<TextSpan> origins, int @base)
{
    internal readonly ReadOnlySpan<char> Text = text;

    /// <summary>Empty for original text, and when offsets are not wanted.</summary>
    internal readonly ReadOnlySpan<TextSpan> Origins = origins;

    /// <summary>Where the stretch begins in the original text.</summary>
    internal readonly int Base = @base;

    /// <summary>The original text behind the units from <paramref name="start"/> up to <paramref name="end"/>.</summary>
    internal TextSpan Origin(int start, int end) =>
        Origins.IsEmpty ? new(Base + start, Base + end) : new(Origins[start].Start, Origins[end - 1].End);
}
