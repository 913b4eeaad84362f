namespace OrtPeft;

/// <summary>What a user should know of the data before trusting a result.</summary>
static class DataChecks
{
    const int Imbalance = 10;

    internal static IEnumerable<string> Notices(LearningTask task, (TextData Data, Targets Targets) train, (TextData Data, Targets Targets) dev) =>
        new[] { Duplicates.Describe(train.Data, dev.Data, "dev"), MissingLabels(task, train.Targets, dev.Targets), Imbalanced(task, train.Targets), Lists(task, train.Data), Tags(task, train.Data), CutOff(train.Targets) }
            .OfType<string>();

    static string? MissingLabels(LearningTask task, Targets train, Targets dev)
    {
        if (task.Labels.Count == 0)
            return null;
        var (trained, tested) = (Counts(task, train), Counts(task, dev));
        var missing = task.Labels.Where((_, i) => trained[i] > 0 && tested[i] == 0).ToArray();
        return missing.Length == 0 ? null
            : $"The dev data have no example of {DataError.List(missing)}: the dev metrics say nothing about {(missing.Length == 1 ? "it" : "them")}. Give dev data with all labels.";
    }

    static string? Imbalanced(LearningTask task, Targets train)
    {
        if (task.Target is not (TargetKind.Class or TargetKind.Level))
            return null;
        var counts = Counts(task, train);
        var (most, least) = (Array.IndexOf(counts, counts.Max()), Array.IndexOf(counts, counts.Min()));
        return counts[most] < Imbalance * Math.Max(1, counts[least]) ? null
            : $"The labels are imbalanced: {counts[most]} examples are {DataError.Quote(task.Labels[most])}, {counts[least]} are {DataError.Quote(task.Labels[least])}. "
                + "Look at macro-F1 before accuracy; --class-weights balanced makes rare labels count as much as frequent ones.";
    }

    static string? Lists(LearningTask task, TextData train) => task is ClassificationTask && train.FirstOrDefault(e => e.Label!.Contains('|')) is { } example
        ? $"The label {DataError.Quote(example.Label!)} holds a |. If it is a list of labels, say --task {MultiLabelTask.TaskName}."
        : null;

    static string? Tags(LearningTask task, TextData train)
    {
        if (task is not TaggingTask || !TagSpans.AreMarked(task.Labels))
            return null;
        var bioes = task.Labels.Any(tag => tag is ['E' or 'S', '-', ..]);
        var (faults, first) = (0, "");
        foreach (var example in train)
        {
            if (TagSpans.FirstFault(example.Tags!, bioes) is not { } fault)
                continue;
            if (faults++ == 0)
                first = $"{DataError.Quote(example.Id)}, word {fault.Word + 1}: {fault.Problem}";
        }
        return faults == 0 ? null : $"{faults} training examples break the rules of {(bioes ? "BIOES" : "BIO")} tags, first {first}. Spans are read as conlleval does.";
    }

    static string? CutOff(Targets train)
    {
        var cut = train.Words.Sum(words => words.Count(w => w < 0));
        return cut == 0 ? null : $"{cut} of {train.Words.Sum(w => w.Length)} training words have no token, most often because their text is longer than --max-length; they are not trained on.";
    }

    static int[] Counts(LearningTask task, Targets targets)
    {
        var counts = new int[task.Labels.Count];
        if (targets.Kind == TargetKind.Values)
            return [.. counts.Select((_, i) => targets.Values.Count(v => v[i] > 0.5f))];
        foreach (var label in targets.Classes.SelectMany(c => c).Where(c => c != Targets.None))
            counts[label]++;
        return counts;
    }
}
