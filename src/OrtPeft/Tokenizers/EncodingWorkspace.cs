namespace OrtPeft;

/// <summary>All memory that encoding one text needs. Rented from the tokenizer for one call, so that calls on many threads do not meet.</summary>
sealed class EncodingWorkspace
{
    char[] _repaired = [];

    internal Pieces Pieces { get; } = new();

    internal WordCache Cache { get; } = new();

    internal Scratch Scratch { get; } = new();

    internal TokenList First { get; } = new();

    internal TokenList Second { get; } = new();

    internal List<TokenWindow> FirstWindows { get; } = [];

    internal List<TokenWindow> SecondWindows { get; } = [];

    /// <summary>The number of characters or tokens it has room for: the largest of its parts.</summary>
    internal int Capacity => Math.Max(Math.Max(Pieces.Capacity, _repaired.Length), Math.Max(First.Capacity, Second.Capacity));

    /// <summary>The text with lone surrogates replaced.</summary>
    internal ReadOnlySpan<char> Repair(ReadOnlySpan<char> text)
    {
        if (_repaired.Length < text.Length)
            _repaired = new char[text.Length];
        text.CopyTo(_repaired);
        CodePoints.Repair(_repaired.AsSpan(0, text.Length));
        return _repaired.AsSpan(0, text.Length);
    }
}
