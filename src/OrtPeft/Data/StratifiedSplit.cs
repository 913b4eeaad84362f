namespace OrtPeft;

/// <summary>Holds a share of a data set back, the same share of every label.</summary>
static class StratifiedSplit
{
    /// <summary>Splits by a seeded shuffle within each label; both parts keep the order of <paramref name="data"/>.</summary>
    /// <exception cref="OrtPeftException">A label has a single example.</exception>
    internal static (TextData Kept, TextData HeldBack) HoldBack(TextData data, LabelSet labels, double share, long seed)
    {
        var indexes = labels.IndexesOf(data);
        var held = new HashSet<int>();
        for (var label = 0; label < labels.Count; label++)
        {
            var members = Enumerable.Range(0, data.Count).Where(i => indexes[i] == label).ToArray();
            if (members.Length < 2)
                throw new OrtPeftException($"Label '{labels[label]}' has one example only, so none can be held back for development. Give a dev set, or more examples.");
            new CounterRandom(seed, "split", label).Shuffle(members.AsSpan());
            held.UnionWith(members.Take(Math.Max(1, (int)Math.Round(members.Length * share))));
        }
        return (Part(i => !held.Contains(i)), Part(held.Contains));

        TextData Part(Func<int, bool> isIn) => TextData.FromExamples(data.Where((_, i) => isIn(i)), data.Source);
    }
}
