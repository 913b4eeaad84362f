namespace OrtPeft;

/// <summary>Rewrites a text before it is split: cleaning, lower-casing, Unicode normal forms.</summary>
abstract class Normalizer
{
    /// <summary>Appends the normalised <paramref name="source"/> to <paramref name="target"/>.</summary>
    internal abstract void Apply(in AlignedView source, AlignedText target, Scratch scratch);
}

/// <summary>Working memory that normalizers may use; one per encoding thread.</summary>
sealed class Scratch
{
    readonly Stack<AlignedText> _free = new();

    internal List<(int CodePoint, int Change)> Changes { get; } = [];

    internal List<TextSpan> Matches { get; } = [];

    internal AlignedText Rent(bool tracked)
    {
        var text = _free.TryPop(out var free) ? free : new();
        text.Clear(tracked);
        return text;
    }

    internal void Return(AlignedText text) => _free.Push(text);
}
