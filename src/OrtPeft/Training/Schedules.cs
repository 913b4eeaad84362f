namespace OrtPeft;

/// <summary>Learning-rate schedules by name, as shares of the peak.</summary>
static class Schedules
{
    /// <summary>One schedule.</summary>
    /// <param name="Share">Progress after the warm-up, 0 to 1, to a share of the peak.</param>
    /// <param name="OwnWarmup">Whether the schedule rises by itself, so that no warm-up comes before it.</param>
    /// <param name="FollowsDev">Whether a dev metric that stands still lowers the rate.</param>
    sealed record Schedule(Func<double, double> Share, bool OwnWarmup = false, bool FollowsDev = false);

    /// <summary>Rises exponentially from a hundred-thousandth: a test, not a training.</summary>
    internal const string RangeTest = "range-test";

    static readonly Dictionary<string, Schedule> Table = new()
    {
        ["linear"] = new(progress => 1 - progress),
        ["cosine"] = new(Cosine),
        ["constant"] = new(_ => 1),
        ["polynomial"] = new(progress => (1 - progress) * (1 - progress)),
        ["one-cycle"] = new(OneCycle, OwnWarmup: true),
        ["plateau"] = new(_ => 1, FollowsDev: true),
        [RangeTest] = new(progress => Math.Pow(1e-5, 1 - progress), OwnWarmup: true),
    };

    /// <summary>Those that a user can choose.</summary>
    internal static IEnumerable<string> Names => Table.Keys.Where(name => name != RangeTest);

    internal static void Require(string name)
    {
        if (!Table.ContainsKey(name))
            throw new OrtPeftException($"--schedule is '{name}'; expected {string.Join(", ", Names)}.");
    }

    /// <summary>The learning rate of step <paramref name="step"/> (from 1) of <paramref name="totalSteps"/> after the epochs whose dev metrics are given.</summary>
    internal static double LearningRate(TrainingOptions options, long step, long totalSteps, IReadOnlyList<double> devMetrics)
    {
        var schedule = Table[options.Schedule];
        var warmup = schedule.OwnWarmup ? 0 : (long)Math.Ceiling(options.Warmup * totalSteps);
        var peak = options.LearningRate!.Value;
        if (step <= warmup)
            return peak * step / warmup;
        // The last step still learns: the rate would reach zero one step after the end.
        var progress = (double)(step - 1 - warmup) / Math.Max(1, totalSteps - warmup);
        var share = schedule.Share(Math.Clamp(progress, 0, 1));
        return peak * share * (schedule.FollowsDev ? Math.Pow(0.5, Plateaus(devMetrics)) : 1);
    }

    static double Cosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));

    /// <summary>Up from 1/25 over 30 % of the run, then down to 1/10,000, both along a cosine (Smith and Topin, arXiv 1708.07120, as in PyTorch).</summary>
    static double OneCycle(double progress)
    {
        const double rise = 0.3, start = 1.0 / 25, end = 1e-4 / 25;
        return progress < rise
            ? start + (1 - start) * (1 - Cosine(progress / rise))
            : end + (1 - end) * Cosine((progress - rise) / (1 - rise));
    }

    /// <summary>How often the best dev metric was not beaten for two epochs on end.</summary>
    static int Plateaus(IReadOnlyList<double> devMetrics)
    {
        var (plateaus, waited, best) = (0, 0, double.NegativeInfinity);
        foreach (var metric in devMetrics)
        {
            waited = metric > best ? 0 : waited + 1;
            best = Math.Max(best, metric);
            if (waited == 2)
                (plateaus, waited) = (plateaus + 1, 0);
        }
        return plateaus;
    }
}
