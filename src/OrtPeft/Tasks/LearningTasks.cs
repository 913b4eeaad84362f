namespace OrtPeft;

/// <summary>All tasks by name.</summary>
static class LearningTasks
{
    internal const string Auto = "auto";

    /// <summary>One row: what the task is, and how it is made from training data and from adapter.json.</summary>
    internal sealed record Row(string Summary, Func<TextData, LearningTask> From, Func<TaskInfo, IReadOnlyList<string>, LearningTask> Restore);

    internal static readonly IReadOnlyDictionary<string, Row> Table = new Dictionary<string, Row>
    {
        [ClassificationTask.TaskName] = new("one of several labels", data => new ClassificationTask(LabelSet.From(data)), (_, labels) => new ClassificationTask(labels)),
        [MultiLabelTask.TaskName] = new("any number of labels", data => new MultiLabelTask(LabelLists.From(data)),
            (info, labels) => new MultiLabelTask(new LabelSet(labels)) { Thresholds = info.Thresholds ?? [] }),
        [RegressionTask.TaskName] = new("a number", RegressionTask.From, (info, _) => new RegressionTask(info.Mean ?? 0, info.Deviation ?? 1)),
        [OrdinalTask.TaskName] = new("one of ordered levels", OrdinalTask.From, (_, labels) => new OrdinalTask(new LabelSet(labels))),
        [TaggingTask.TaskName] = new("a tag for every word", TaggingTask.From, (_, labels) => new TaggingTask(new LabelSet(labels))),
        [SimilarityTask.TaskName] = new("the similarity of two texts", SimilarityTask.From, (info, _) => new SimilarityTask(info.Mean ?? 0, info.Deviation ?? 1)),
    };

    /// <summary>The task that <paramref name="options"/> name, or that the labels show.</summary>
    /// <exception cref="OrtPeftException">There is no such task, or the labels are not for it.</exception>
    internal static LearningTask From(TextData train, TaskOptions options)
    {
        var name = options.Task == Auto ? Find(train) : options.Task;
        var task = Get(name).From(train);
        if (options.Levels is { } levels)
            task = task is OrdinalTask ? new OrdinalTask(new LabelSet(levels)) : throw new OrtPeftException($"--levels is for the task {OrdinalTask.TaskName}; this one is {name}.");
        task = task with { LossOptions = options.Loss };
        _ = Losses.Get(task);
        return task;
    }

    /// <summary>The task of an adapter; adapters without one classify.</summary>
    internal static LearningTask Restore(AdapterInfo info)
    {
        var task = info.Task ?? new TaskInfo { Name = ClassificationTask.TaskName };
        if (task.Thresholds is { } thresholds && thresholds.Count != info.Labels.Count)
            throw new OrtPeftException($"The adapter has {thresholds.Count} thresholds for {info.Labels.Count} labels. It is damaged; train again.");
        return Table.TryGetValue(task.Name, out var row)
            ? row.Restore(task, info.Labels)
            : throw new OrtPeftException($"The adapter's task {DataError.Quote(task.Name)} is unknown; this version has {string.Join(", ", Table.Keys)}. Use a newer OrtPeft, or train again.");
    }

    /// <summary>Tags, lists of labels, numbers that are not whole; else one of several labels.</summary>
    static string Find(TextData data)
    {
        if (data.Any(e => e.Tags is not null))
            return TaggingTask.TaskName;
        if (data.Any(e => e.Labels is not null))
            return MultiLabelTask.TaskName;
        var whole = true;
        foreach (var example in data)
        {
            if (!NumberTask.TryNumber(example.Label, out var number))
                return ClassificationTask.TaskName;
            whole &= number == Math.Floor(number);
        }
        return whole ? ClassificationTask.TaskName : RegressionTask.TaskName;
    }

    static Row Get(string name) => Table.TryGetValue(name, out var row)
        ? row
        : throw new OrtPeftException($"--task is '{name}'; expected {Auto} or {string.Join(", ", Table.Keys)}.");
}
