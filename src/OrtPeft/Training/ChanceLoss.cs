namespace OrtPeft;

/// <summary>The loss that a head reaches without reading the texts: after some epochs a head that is no better has learned nothing.</summary>
static class ChanceLoss
{
    /// <summary>Epochs after which it should be better.</summary>
    internal const int Patience = 3;

    const double Close = 0.98;

    /// <summary>A sentence for the user when the loss of <paramref name="epoch"/> is that of chance; else null.</summary>
    internal static string? Describe(TrainingJob job, EpochResult epoch) => (job.Tunable.ChanceLoss ?? Of(job.Task, job.Train.Targets)) is { } chance && epoch.Loss > Close * chance
        ? FormattableString.Invariant($"After {epoch.Epoch} epochs the training loss is {epoch.Loss:F4}, that of a head that does not read the texts ({chance:F4}). ")
            + FormattableString.Invariant($"Try another learning rate (now {job.Options.LearningRate}), smaller batches, more epochs, or look whether texts and labels belong together.")
        : null;

    /// <summary>The entropy of the labels, or the variance of the numbers; null for other losses.</summary>
    internal static double? Of(LearningTask task, Targets targets)
    {
        var loss = task.LossOptions.Name ?? task.DefaultLoss;
        if (targets.ClassWeights is not null || targets.ExampleWeights is not null)
            return null;
        if (loss == CrossEntropyLoss.Name && task.LossOptions.LabelSmoothing == 0)
            return Entropy(targets.Classes.SelectMany(c => c).Where(c => c != Targets.None).CountBy(c => c).Select(c => (double)c.Value));
        if (loss == MeanSquaredErrorLoss.Name && task is RegressionTask)
            return 1; // numbers are trained with variance 1
        if (loss == BinaryCrossEntropyLoss.Name && task is MultiLabelTask)
            return Enumerable.Range(0, task.Outputs).Average(k => targets.Values.Count(v => v[k] > 0.5f) is var yes ? Entropy([yes, targets.Count - yes]) : 0);
        return null;
    }

    static double Entropy(IEnumerable<double> counts)
    {
        var all = counts.Where(c => c > 0).ToArray();
        return -all.Sum(c => c / all.Sum() * Math.Log(c / all.Sum()));
    }
}
