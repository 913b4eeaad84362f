namespace OrtPeft;

/// <summary>The loss of a step at its learning rate.</summary>
public readonly record struct LearningRatePoint(double LearningRate, double Loss);

/// <summary>
/// Learning-rate range test (Smith, arXiv 1506.01186): one pass over the training data with a learning rate that rises exponentially. The
/// loss falls fastest where the learning rate is good.
/// </summary>
public static class LearningRateFinder
{
    /// <summary>Weight of what was before, in the smoothed loss.</summary>
    const double Smoothing = 0.9;

    const double Diverged = 4;

    /// <summary>Runs the test; nothing of it is kept but the feature cache.</summary>
    /// <param name="tuner">Backbone, method, cache and options; its learning rate is the largest that is tried, 1 if it has none.</param>
    /// <param name="train">Labelled examples to train on.</param>
    /// <param name="dev">Labelled examples, as for training.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <returns>The smoothed loss of every step until it diverges, and the suggestion.</returns>
    /// <exception cref="OrtPeftException">An option is not as it must be.</exception>
    public static async Task<(IReadOnlyList<LearningRatePoint> Points, double Suggestion)> RunAsync(Tuner tuner, TextData train, TextData? dev = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tuner);
        ArgumentNullException.ThrowIfNull(train);
        var training = tuner.Training with { Epochs = 1, Schedule = Schedules.RangeTest, Warmup = 0, LearningRate = tuner.Training.LearningRate ?? 1 };
        var steps = new Steps(training);
        var run = new TuningRun((tuner with { RunFolder = null }).With(training), train, dev);
        try
        {
            await run.FitAsync(steps, cancellationToken).ConfigureAwait(false);
        }
        catch (OrtPeftException) when (steps.Losses.Count > 1)
        {
            // The loss is no number any more: the test has seen enough.
        }
        var points = Smooth(steps.Losses);
        return (points, Suggest(points));
    }

    /// <summary>Exponentially smoothed and bias-corrected, up to the point where the loss is four times its least.</summary>
    internal static IReadOnlyList<LearningRatePoint> Smooth(IReadOnlyList<LearningRatePoint> steps)
    {
        List<LearningRatePoint> points = [];
        double average = 0, least = double.PositiveInfinity;
        for (var i = 0; i < steps.Count; i++)
        {
            average = Smoothing * average + (1 - Smoothing) * steps[i].Loss;
            var loss = average / (1 - Math.Pow(Smoothing, i + 1));
            if (!double.IsFinite(loss) || loss > Diverged * least)
                break;
            least = Math.Min(least, loss);
            points.Add(steps[i] with { Loss = loss });
        }
        return points;
    }

    /// <summary>The learning rate at which the loss falls most steeply over its logarithm.</summary>
    internal static double Suggest(IReadOnlyList<LearningRatePoint> points) => points.Count < 3
        ? points[0].LearningRate
        : points[Enumerable.Range(1, points.Count - 2).MinBy(i => points[i + 1].Loss - points[i - 1].Loss)].LearningRate;

    sealed class Steps(TrainingOptions options) : IProgress<TuningProgress>
    {
        internal List<LearningRatePoint> Losses { get; } = [];

        public void Report(TuningProgress value)
        {
            if (value.Training is { Finished: null, Step: > 0 } step)
                Losses.Add(new LearningRatePoint(Schedules.LearningRate(options, step.Step, step.TotalSteps, []), step.Loss));
        }
    }
}
