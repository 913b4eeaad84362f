namespace OrtPeft;

/// <summary>The labelled examples of a run: what is trained on, what chooses the best epoch, and their right answers.</summary>
/// <param name="Train">The training part, without what is held back.</param>
/// <param name="Dev">The part that chooses the best epoch.</param>
/// <param name="IsHeldBack">Whether the dev part was taken from the training data.</param>
/// <param name="Task">What is learned.</param>
/// <param name="TrainTargets">The right answers of the training part.</param>
/// <param name="DevTargets">Those of the dev part.</param>
sealed record RunData(TextData Train, TextData Dev, bool IsHeldBack, LearningTask Task, Targets TrainTargets, Targets DevTargets)
{
    const double DevShare = 0.1;

    /// <summary>Finds the task, and holds a part back where no dev data are given.</summary>
    /// <exception cref="OrtPeftException">A label is not as the task needs it.</exception>
    internal static RunData Of(Tuner tuner, TextData train, TextData? dev)
    {
        var task = LearningTasks.From(train, tuner.Task);
        var (own, held) = dev is null ? StratifiedSplit.HoldBack(train, task, DevShare, tuner.Training.Seed) : (train, dev);
        var words = new WordPlaces(tuner.Backbone, tuner.Features.MaxLength);
        var targets = Weights.Apply(tuner.Task.ClassWeights, task, (own, task.TargetsOf(own, words)), (held, task.TargetsOf(held, words)));
        return new RunData(own, held, dev is null, task, targets.Train, targets.Dev);
    }

    /// <summary>What must be said of the data before they are trained on.</summary>
    internal IEnumerable<string> Notices()
    {
        if (IsHeldBack)
            yield return $"No dev data given: {Dev.Count} of {Train.Count + Dev.Count} training examples are held back{(Task.Target is TargetKind.Class or TargetKind.Level ? ", label by label" : "")}.";
        foreach (var notice in DataChecks.Notices(Task, (Train, TrainTargets), (Dev, DevTargets)))
            yield return notice;
    }
}
