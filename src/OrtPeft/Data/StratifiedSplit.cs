namespace OrtPeft;

/// <summary>Holds a share of a data set back, the same share of every label.</summary>
static class StratifiedSplit
{
    /// <summary>Splits by a seeded shuffle within each label; both parts keep the order of <paramref name="data"/>. Where an example has not exactly one label the shuffle is over all.</summary>
    /// <exception cref="OrtPeftException">A label has a single example.</exception>
    internal static (TextData Kept, TextData HeldBack) HoldBack(TextData data, LearningTask task, double share, long seed)
    {
        var held = new HashSet<int>();
        var groups = task.Target is TargetKind.Class or TargetKind.Level
            ? Enumerable.Range(0, data.Count).GroupBy(i => data[i].Label!).OrderBy(g => Index(task, g.Key)).Select(g => (g.Key, g.ToArray()))
            : [("", Enumerable.Range(0, data.Count).ToArray())];
        foreach (var (label, members) in groups)
        {
            if (members.Length < 2)
            {
                var what = label.Length > 0 ? $"Label '{label}'" : "The training data";
                throw new OrtPeftException($"{what} has one example only, so none can be held back for development. Give a dev set, or more examples.");
            }
            new CounterRandom(seed, "split", Math.Max(0, Index(task, label))).Shuffle(members.AsSpan());
            held.UnionWith(members.Take(Math.Max(1, (int)Math.Round(members.Length * share))));
        }
        return (Part(i => !held.Contains(i)), Part(held.Contains));

        TextData Part(Func<int, bool> isIn) => TextData.FromExamples(data.Where((_, i) => isIn(i)), data.Source);
    }

    static int Index(LearningTask task, string label)
    {
        for (var i = 0; i < task.Labels.Count; i++)
        {
            if (task.Labels[i] == label)
                return i;
        }
        return -1;
    }
}
