namespace OrtPeft;

/// <summary>Counts how often each label was predicted for each true (gold) label. All classification metrics are read from it.</summary>
public sealed class ConfusionMatrix
{
    readonly long[,] _counts;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="labels">Number of labels.</param>
    public ConfusionMatrix(int labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 2);
        _counts = new long[labels, labels];
    }

    /// <summary>Number of labels.</summary>
    public int Labels => _counts.GetLength(0);

    /// <summary>Number of examples counted.</summary>
    public long Total { get; private set; }

    /// <summary>Number of examples whose prediction is their gold label.</summary>
    public long Correct { get; private set; }

    /// <summary>Number of examples with this gold label that got this prediction.</summary>
    public long this[int gold, int predicted] => _counts[gold, predicted];

    /// <summary>Counts examples by the class indexes of their gold labels and predictions.</summary>
    public static ConfusionMatrix From(int labels, ReadOnlySpan<int> gold, ReadOnlySpan<int> predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(predicted.Length, gold.Length);
        ConfusionMatrix matrix = new(labels);
        for (var i = 0; i < gold.Length; i++)
            matrix.Add(gold[i], predicted[i]);
        return matrix;
    }

    /// <summary>Counts one example.</summary>
    public void Add(int gold, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)gold, (uint)Labels);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)Labels);
        _counts[gold, predicted]++;
        Total++;
        if (gold == predicted)
            Correct++;
    }

    /// <summary>Number of examples with this gold label.</summary>
    public long GoldCount(int label)
    {
        long sum = 0;
        for (var predicted = 0; predicted < Labels; predicted++)
            sum += _counts[label, predicted];
        return sum;
    }

    /// <summary>Number of examples with this prediction.</summary>
    public long PredictedCount(int label)
    {
        long sum = 0;
        for (var gold = 0; gold < Labels; gold++)
            sum += _counts[gold, label];
        return sum;
    }
}
