namespace OrtPeft;

/// <summary>What examples and labels count in training.</summary>
static class Weights
{
    internal const string None = "none";
    internal const string Balanced = "balanced";

    /// <summary>Adds the examples' own weights, and with "balanced" weights of the labels in the training part, to the targets of both parts.</summary>
    /// <exception cref="OrtPeftException">No such weights, or not for the task.</exception>
    internal static (Targets Train, Targets Dev) Apply(string classWeights, LearningTask task, (TextData Data, Targets Targets) train, (TextData Data, Targets Targets) dev)
    {
        var weights = classWeights switch
        {
            None => null,
            Balanced when task.Labels.Count > 0 && task.Target != TargetKind.Level => Balance(task, train.Targets),
            Balanced => throw new OrtPeftException($"--class-weights is balanced, but the task {task.Name} has no labels that could be weighed; expected {None}."),
            _ => throw new OrtPeftException($"--class-weights is '{classWeights}'; expected {None} or {Balanced}."),
        };
        return (Add(train), Add(dev));

        Targets Add((TextData Data, Targets Targets) part) => part.Targets with
        {
            ClassWeights = weights,
            ExampleWeights = part.Data.All(e => e.Weight == 1) ? null : [.. part.Data.Select(e => (float)e.Weight)],
        };
    }

    /// <summary>
    /// n / (K n_c), as scikit-learn has it: all labels together count as much as each of them would in equal numbers. For several labels a text
    /// the presence of a label counts as much as its absence: (n - n_c) / n_c.
    /// </summary>
    static float[] Balance(LearningTask task, Targets targets)
    {
        var counts = new double[task.Labels.Count];
        if (targets.Kind == TargetKind.Values)
        {
            foreach (var values in targets.Values)
                for (var i = 0; i < counts.Length; i++)
                    counts[i] += values[i];
            return [.. counts.Select(c => c > 0 ? (float)((targets.Count - c) / c) : 1)];
        }
        foreach (var label in targets.Classes.SelectMany(c => c).Where(c => c != Targets.None))
            counts[label]++;
        return [.. counts.Select(c => c > 0 ? (float)(counts.Sum() / (counts.Length * c)) : 0)];
    }
}
