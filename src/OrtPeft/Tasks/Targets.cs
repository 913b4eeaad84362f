namespace OrtPeft;

/// <summary>The right answers of a data set as a task reads them, example by example, with the weight of each.</summary>
sealed record Targets(TargetKind Kind)
{
    /// <summary>The class of what counts nothing: special tokens, and all tokens of a word but its first.</summary>
    internal const long None = -100;

    /// <summary>Class, level: one an example. TokenClass: one a word.</summary>
    internal IReadOnlyList<long[]> Classes { get; init; } = [];

    /// <summary>Values: the numbers of each example.</summary>
    internal IReadOnlyList<float[]> Values { get; init; } = [];

    /// <summary>TokenClass: where the first token of each word stands; -1 where the text was cut off before it.</summary>
    internal IReadOnlyList<int[]> Words { get; init; } = [];

    /// <summary>Weight of each example; null when all weigh 1.</summary>
    internal IReadOnlyList<float>? ExampleWeights { get; init; }

    /// <summary>Weight of each class (of the presence of each label, for several labels an example); null when all weigh 1.</summary>
    internal IReadOnlyList<float>? ClassWeights { get; init; }

    internal int Count => Kind == TargetKind.Values ? Values.Count : Classes.Count;

    /// <summary>Whether the loss has to be told what counts how much.</summary>
    internal bool AreWeighted => Kind == TargetKind.TokenClass || ExampleWeights != null || ClassWeights != null;

    internal static Targets Of(IEnumerable<int> classes, TargetKind kind = TargetKind.Class) => new(kind) { Classes = [.. classes.Select(c => new long[] { c })] };

    /// <summary>The targets of examples that are asked, not learned from.</summary>
    internal static Targets Unknown(int count) => Of(Enumerable.Repeat(0, count));

    internal int Class(int example) => (int)Classes[example][0];

    /// <summary>What <paramref name="label"/> (null: none) counts in an example.</summary>
    internal float Weight(int example, long? label) => (ExampleWeights?[example] ?? 1) * (label is { } l && ClassWeights != null ? ClassWeights[(int)l] : 1);

    /// <summary>The targets of <paramref name="examples"/>; those of tokens are filled up to <paramref name="length"/>.</summary>
    internal TargetBatch Batch(IReadOnlyList<int> examples, int length)
    {
        var batch = new TargetBatch(Kind, examples.Count, Kind switch
        {
            TargetKind.TokenClass => length,
            TargetKind.Values => Values[examples[0]].Length,
            _ => 1,
        }, AreWeighted);
        for (var row = 0; row < examples.Count; row++)
            Fill(batch, row, examples[row]);
        return batch;
    }

    void Fill(TargetBatch batch, int row, int example)
    {
        var start = row * batch.RowLength;
        switch (Kind)
        {
            case TargetKind.Values:
                Values[example].CopyTo(batch.Values[start..]);
                for (var i = 0; batch.Weighted && i < batch.RowLength; i++)
                    batch.Weights[start + i] = Weight(example, Values[example][i] > 0.5f ? i : null);
                break;
            case TargetKind.TokenClass:
                batch.Classes.Slice(start, batch.RowLength).Fill(None);
                foreach (var (token, label) in Words[example].Zip(Classes[example]).Where(w => w.First >= 0 && w.Second != None))
                    (batch.Classes[start + token], batch.Weights[start + token]) = (label, Weight(example, label));
                break;
            default:
                batch.Classes[start] = Classes[example][0];
                if (batch.Weighted)
                    batch.Weights[start] = Weight(example, Classes[example][0]);
                break;
        }
    }
}
