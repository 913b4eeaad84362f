namespace OrtPeft;

/// <summary>How often yes was right, wrongly given and missed.</summary>
/// <param name="Hits">Given and right.</param>
/// <param name="Wrong">Given and not right.</param>
/// <param name="Missed">Right and not given.</param>
readonly record struct BinaryCounts(long Hits, long Wrong, long Missed)
{
    internal Proportion Precision => new(Hits, Hits + Wrong);

    internal Proportion Recall => new(Hits, Hits + Missed);

    /// <summary>2 hits / (2 hits + wrong + missed); 0 when nothing is right or given.</summary>
    internal double F1 => new Proportion(2 * Hits, 2 * Hits + Wrong + Missed).Value;

    internal bool Occurs => Hits + Wrong + Missed > 0;

    internal BinaryCounts Add(bool gold, bool given) => new(Hits + (gold && given ? 1 : 0), Wrong + (!gold && given ? 1 : 0), Missed + (gold && !given ? 1 : 0));

    internal LabelMetrics Of(string label) => new(label, Precision, Recall, F1, Hits + Missed);

    public static BinaryCounts operator +(BinaryCounts a, BinaryCounts b) => new(a.Hits + b.Hits, a.Wrong + b.Wrong, a.Missed + b.Missed);
}
