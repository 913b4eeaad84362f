namespace OrtPeft;

/// <summary>Learning-rate schedules by name, as shares of the peak.</summary>
static class Schedules
{
    /// <summary>One schedule.</summary>
    /// <param name="Share">Progress after the warm-up, 0 to 1, to a share of the peak.</param>
    /// <param name="Warmup">Share of all steps in which the rate rises, where --warmup does not say.</param>
    /// <param name="Rise">Step of the warm-up (from 1) and its steps to a share of the peak; null for a line from 0.</param>
    /// <param name="FollowsDev">Whether a dev metric that stands still lowers the rate.</param>
    sealed record Schedule(Func<double, double> Share, double Warmup = 0.06, Func<long, long, double>? Rise = null, bool FollowsDev = false);

    /// <summary>Rises exponentially from a hundred-thousandth: a test, not a training.</summary>
    internal const string RangeTest = "range-test";

    static readonly Dictionary<string, Schedule> Table = new()
    {
        ["linear"] = new(progress => 1 - progress),
        ["cosine"] = new(progress => Between(1, 0, progress)),
        ["constant"] = new(_ => 1),
        ["polynomial"] = new(progress => (1 - progress) * (1 - progress)),
        // Smith and Topin, arXiv 1708.07120, with PyTorch's numbers.
        ["one-cycle"] = new(progress => Between(1, 1e-4 / 25, progress), Warmup: 0.3, Rise: (step, steps) => Between(1.0 / 25, 1, (step - 1) / Math.Max(1.0, steps - 1))),
        ["plateau"] = new(_ => 1, FollowsDev: true),
        [RangeTest] = new(progress => Math.Pow(1e-5, 1 - progress), Warmup: 0),
    };

    /// <summary>Those that a user can choose.</summary>
    internal static IEnumerable<string> Names => Table.Keys.Where(name => name != RangeTest);

    internal static void Require(string name)
    {
        if (!Table.ContainsKey(name))
            throw new OrtPeftException($"--schedule is '{name}'; expected {string.Join(", ", Names)}.");
    }

    /// <summary>Share of all steps in which the rate rises.</summary>
    internal static double Warmup(TrainingOptions options) => options.Warmup ?? Table[options.Schedule].Warmup;

    /// <summary>The learning rate of step <paramref name="step"/> (from 1) of <paramref name="totalSteps"/> after the epochs whose dev metrics are given.</summary>
    internal static double LearningRate(TrainingOptions options, long step, long totalSteps, IReadOnlyList<double> devMetrics)
    {
        var schedule = Table[options.Schedule];
        var warmup = (long)Math.Ceiling(Warmup(options) * totalSteps);
        var peak = options.LearningRate!.Value;
        if (step <= warmup)
            return peak * (schedule.Rise?.Invoke(step, warmup) ?? (double)step / warmup);
        // The last step still learns: the rate would reach zero one step after the end.
        var progress = (double)(step - 1 - warmup) / Math.Max(1, totalSteps - warmup);
        var share = schedule.Share(Math.Clamp(progress, 0, 1));
        return peak * share * (schedule.FollowsDev ? Math.Pow(0.5, Plateaus(devMetrics)) : 1);
    }

    /// <summary>From one value to another along half a cosine.</summary>
    static double Between(double from, double to, double progress) => to + (from - to) * 0.5 * (1 + Math.Cos(Math.PI * progress));

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
