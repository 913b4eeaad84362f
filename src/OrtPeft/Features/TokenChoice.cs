using System.Globalization;

namespace OrtPeft;

/// <summary>Which tokens of a text are stored: all, their mean, or chosen ones by position.</summary>
sealed record TokenChoice
{
    internal const string All = "all";
    internal const string Mean = "mean";
    internal const string Cls = "cls";

    readonly int[]? _positions;

    TokenChoice(string name, int[]? positions)
    {
        Name = name;
        _positions = positions;
    }

    /// <summary>`all`, `mean`, `cls` (the first token), or positions such as `0,1,-1`; negative ones count from the end.</summary>
    /// <exception cref="OrtPeftException">It is none of these.</exception>
    internal static TokenChoice Parse(string text)
    {
        if (text is All or Mean)
            return new TokenChoice(text, null);
        if (text == Cls)
            return new TokenChoice(text, [0]);
        var positions = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var position) || positions.Contains(position))
                throw new OrtPeftException($"--keep is '{text}'; expected {All}, {Mean}, {Cls}, or different positions such as 0,1,-1 (negative from the end).");
            positions.Add(position);
        }
        return new TokenChoice(string.Join(',', positions), [.. positions]);
    }

    internal string Name { get; }

    internal bool IsAll => Name == All;

    internal bool IsMean => Name == Mean;

    /// <summary>Rows stored of a text of <paramref name="length"/> tokens. A position that the text does not have is left out.</summary>
    internal int Rows(int length) => IsAll ? length : IsMean ? 1 : _positions!.Count(p => Row(p, length) >= 0);

    /// <summary>Copies the stored rows of <paramref name="values"/> [length, width] into <paramref name="target"/> [rows, width].</summary>
    internal void Select(ReadOnlySpan<float> values, int width, Span<float> target)
    {
        if (IsAll)
        {
            values.CopyTo(target);
            return;
        }
        if (IsMean)
        {
            Pooling.Pool(FeatureView.Mean, values, target[..width]);
            return;
        }
        var (length, next) = (values.Length / width, 0);
        foreach (var position in _positions!)
        {
            if (Row(position, length) is >= 0 and var row)
                values.Slice(row * width, width).CopyTo(target.Slice(next++ * width, width));
        }
    }

    static int Row(int position, int length)
    {
        var row = position < 0 ? length + position : position;
        return row < length ? row : -1;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
