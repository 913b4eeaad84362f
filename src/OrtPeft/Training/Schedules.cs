namespace OrtPeft;

/// <summary>Learning-rate schedules by name: progress after the warm-up, 0 to 1, to a share of the peak.</summary>
static class Schedules
{
    static readonly Dictionary<string, Func<double, double>> Table = new()
    {
        ["linear"] = progress => 1 - progress,
        ["cosine"] = progress => 0.5 * (1 + Math.Cos(Math.PI * progress)),
        ["constant"] = _ => 1,
    };

    internal static void Require(string name)
    {
        if (!Table.ContainsKey(name))
            throw new OrtPeftException($"--schedule is '{name}'; expected {string.Join(", ", Table.Keys)}.");
    }

    /// <summary>The learning rate of step <paramref name="step"/> (from 1) of <paramref name="totalSteps"/>.</summary>
    internal static double LearningRate(TrainingOptions options, long step, long totalSteps)
    {
        var warmup = (long)Math.Ceiling(options.Warmup * totalSteps);
        var peak = options.LearningRate!.Value;
        if (step <= warmup)
            return peak * step / warmup;
        // The last step still learns: the rate would reach zero one step after the end.
        var progress = (double)(step - 1 - warmup) / Math.Max(1, totalSteps - warmup);
        return peak * Table[options.Schedule](Math.Clamp(progress, 0, 1));
    }
}
