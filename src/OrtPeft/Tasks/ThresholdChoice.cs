namespace OrtPeft;

/// <summary>Chooses from which score on a label is given.</summary>
static class ThresholdChoice
{
    /// <summary>The threshold with the highest F1; of equal ones the nearest to 1/2, between two scores in their middle.</summary>
    internal static double Best(IReadOnlyList<(double Score, bool Gold)> examples)
    {
        var sorted = examples.OrderByDescending(e => e.Score).ToArray();
        var gold = sorted.Count(e => e.Gold);
        if (gold == 0)
            return 0.5;
        var (best, threshold) = (F1(0.5), 0.5);
        var hits = 0;
        for (var given = 1; given <= sorted.Length; given++)
        {
            hits += sorted[given - 1].Gold ? 1 : 0;
            if (given < sorted.Length && sorted[given].Score == sorted[given - 1].Score)
                continue;
            var f1 = 2.0 * hits / (given + gold);
            var middle = (sorted[given - 1].Score + (given < sorted.Length ? sorted[given].Score : 0)) / 2;
            if (f1 > best + 1e-12 || (f1 > best - 1e-12 && Math.Abs(middle - 0.5) < Math.Abs(threshold - 0.5)))
                (best, threshold) = (f1, middle);
        }
        return threshold;

        double F1(double at) => 2.0 * sorted.Count(e => e.Gold && e.Score >= at) / (sorted.Count(e => e.Score >= at) + gold);
    }
}
