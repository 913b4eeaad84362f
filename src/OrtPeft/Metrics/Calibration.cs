namespace OrtPeft;

/// <summary>Examples whose predicted label got about the same score.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Confidence">Mean score of the predicted label.</param>
/// <param name="Accuracy">Share of right answers.</param>
public readonly record struct CalibrationBin(int Count, double Confidence, double Accuracy);

/// <summary>Whether a score of 80 % is right in 80 % of the cases.</summary>
public static class Calibration
{
    const int Bins = 10;

    /// <summary>Ten equal bins of confidence from 0 to 1; empty ones have a count of 0.</summary>
    public static IReadOnlyList<CalibrationBin> Of(IEnumerable<(double Confidence, bool Correct)> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var bins = answers.ToLookup(a => Math.Clamp((int)Math.Ceiling(a.Confidence * Bins) - 1, 0, Bins - 1));
        return [.. Enumerable.Range(0, Bins).Select(i => bins[i].ToArray()).Select(bin => bin.Length == 0
            ? default
            : new CalibrationBin(bin.Length, bin.Average(a => a.Confidence), bin.Average(a => a.Correct ? 1.0 : 0)))];
    }

    /// <summary>Expected calibration error: the mean distance of confidence and accuracy, weighted by count (Guo et al. 2017, equation 3).</summary>
    public static double ExpectedError(IReadOnlyList<CalibrationBin> bins)
    {
        ArgumentNullException.ThrowIfNull(bins);
        var total = bins.Sum(b => b.Count);
        return total == 0 ? 0 : bins.Sum(b => b.Count * Math.Abs(b.Accuracy - b.Confidence)) / total;
    }
}
