using System.Text.Json;

namespace OrtPeft;

/// <summary>What a merge wrote, and how far it is from the adapters alone.</summary>
/// <param name="Tasks">The tasks by their ids.</param>
/// <param name="Files">The files.</param>
/// <param name="MaxAbsError">Largest difference between what the written model computes of mixed batches and each adapter alone.</param>
public sealed record MergeResult(IReadOnlyList<MergedTask> Tasks, IReadOnlyList<string> Files, double MaxAbsError);

/// <summary>
/// Several adapters of one backbone as one ONNX model with an input `task_id` [rows]: rows of different tasks stand in one batch, which passes the
/// backbone once, and each gets the answer that its adapter gives alone. Adapters of one method with the same options share its stacks; each further
/// method, or set of options, costs its own operators for every row.
/// </summary>
public sealed class AdapterMerge
{
    const string TasksFile = "tasks.json", TasksKey = "tasks";

    readonly AdapterSet _set;
    readonly IReadOnlyList<TaskMember> _members;

    internal AdapterMerge(AdapterSet set)
    {
        _set = set;
        _members = [.. set.Names.Zip(set.Adapters, (name, adapter) => AdapterTask.Of(name, adapter, set.Backbone))];
        Tasks = [.. _members.Select((m, id) => new MergedTask(id, set.Names[id], m.Options.Method, m.Task.Info, m.Task.Labels, m.Task.Outputs))];
    }

    /// <summary>The tasks in the order of their ids, which is that of the folders.</summary>
    public IReadOnlyList<MergedTask> Tasks { get; }

    /// <summary>Opens adapters and the backbone they belong to.</summary>
    /// <param name="folders">The adapters' folders; their order gives the ids.</param>
    /// <param name="model">The backbone; null looks where it was when the first adapter was trained.</param>
    /// <exception cref="OrtPeftException">One is damaged or cannot be merged, or they are not of one backbone and length.</exception>
    public static AdapterMerge Open(IReadOnlyList<string> folders, string? model = null) => new(AdapterSet.Load(folders, model));

    /// <summary>
    /// Writes `model.onnx` with the backbone's tokenizer and configuration beside it, and `tasks.json`, which is also in the model's metadata under
    /// "tasks". The model's output `scores` is [rows, outputs] with the outputs of the largest head.
    /// </summary>
    /// <param name="folder">Where to write.</param>
    /// <exception cref="OrtPeftException">The files cannot be written, or compute something else than the adapters.</exception>
    public MergeResult ToOnnx(string folder)
    {
        ModelFolder.RequireOther(folder, _set.Backbone);
        var model = new MergedGraph(_set.Backbone, _members).With(_members);
        model.Metadata[TasksKey] = JsonSerializer.Serialize(Tasks, Json.Compact);
        var files = ModelFolder.Write(model, _set.Backbone, folder);
        files.Add(Path.Combine(folder, TasksFile));
        Json.Write(files[^1], Tasks);
        var result = AdapterExport.Checked((files, Compare(files[0])));
        return new MergeResult(Tasks, result.Files, result.MaxAbsError);
    }

    /// <summary>Batches in which the tasks follow one another, texts of different lengths, against each adapter alone.</summary>
    Difference Compare(string path)
    {
        var (backbone, tasks) = (_set.Backbone, Tasks.Count);
        using var merged = new ScoringSession(OrtSession.FromFile(path, intraOpThreads: 1), backbone);
        var random = new CounterRandom(0, "merge");
        var longest = Math.Min(_set.MaxLength, 24);
        var rows = Math.Max(4, 2 * tasks);
        var tokens = AdapterScores.RandomTokens(backbone, random, Enumerable.Range(0, rows).Select(row => 3 + row * 7 % (longest - 2)));
        long[] taskIds = [.. Enumerable.Range(0, rows).Select(row => (long)(row % tasks))];
        var scores = merged.Scores(tokens, taskIds).Chunk(Tasks.Max(t => t.Outputs)).ToArray();
        var difference = new Difference();
        for (var task = 0; task < tasks; task++)
        {
            int[] own = [.. Enumerable.Range(0, rows).Where(row => taskIds[row] == task)];
            using var alone = new AdapterScores(_set.Adapters[task], backbone);
            var expected = alone.Of([.. own.Select(row => tokens[row])]);
            for (var i = 0; i < own.Length; i++)
                difference = difference.With(scores[own[i]].AsSpan(0, Tasks[task].Outputs), expected[i]);
        }
        return difference;
    }
}
