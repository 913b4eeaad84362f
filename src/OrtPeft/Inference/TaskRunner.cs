using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Runs texts of several tasks in mixed batches over one session. The tasks' tensors are inputs of its graph, so that a task can be added while others
/// are answered. Safe to use from many threads.
/// </summary>
sealed class TaskRunner : IDisposable
{
    readonly Backbone _backbone;
    readonly int _maxLength;
    readonly int _threads;
    readonly int _tokensPerRun;
    readonly MergedGraph _graph;
    readonly ScoringSession _session;
    volatile TaskList _tasks;

    /// <param name="backbone">The backbone.</param>
    /// <param name="members">The tasks at the start.</param>
    /// <param name="maxLength">Tokens after which a text is cut off.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <exception cref="OrtPeftException">A method cannot be written into the backbone's graph for several tasks.</exception>
    internal TaskRunner(Backbone backbone, IReadOnlyList<TaskMember> members, int maxLength, ExecutionOptions execution)
    {
        (_backbone, _maxLength, _threads) = (backbone, maxLength, execution.Chosen.IsCpu ? execution.EffectiveThreads : 1);
        _tokensPerRun = new FeatureOptions().On(execution).TokensPerRun;
        _graph = new MergedGraph(backbone, members);
        _session = new ScoringSession(OrtSession.FromModel(_graph.Model, intraOpThreads: 1, execution), backbone);
        _tasks = new TaskList(members, _graph.Stacks);
    }

    internal IReadOnlyList<TaskMember> Members => _tasks.Members;

    /// <summary>Adds a task at the end, without another session; false where its method is not in the graph.</summary>
    internal bool TryAdd(TaskMember member)
    {
        if (!_graph.Fits(member))
            return false;
        // Runs that have begun go on with the list they have.
        _tasks = new TaskList([.. _tasks.Members, member], _graph.Stacks);
        return true;
    }

    /// <summary>Raw scores of each task for each example.</summary>
    internal float[][][] Run(Example[] examples, CancellationToken cancellationToken)
    {
        var tasks = _tasks;
        var count = tasks.Members.Count;
        var tokens = examples.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(example => _backbone.Read(example, _maxLength)).ToArray();
        var scores = tasks.Members.Select(_ => new float[examples.Length][]).ToArray();
        // Row i is example i / count for task i % count.
        Parallel.ForEach(FeaturePlan.Runs([.. Enumerable.Range(0, examples.Length * count).Select(i => tokens[i / count].Length)], _tokensPerRun),
            new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellationToken },
            run =>
            {
                var all = _session.Scores([.. run.Select(i => tokens[i / count])], [.. run.Select(i => (long)(i % count))], tasks.Stacks);
                var outputs = all.Length / run.Length;
                for (var row = 0; row < run.Length; row++)
                    scores[run[row] % count][run[row] / count] = all.AsSpan(row * outputs, tasks.Members[run[row] % count].Task.Outputs).ToArray();
            });
        return scores;
    }

    public void Dispose() => _session.Dispose();

    /// <summary>The tasks of a moment and their tensors, which live as long as a run reads them.</summary>
    sealed class TaskList(IReadOnlyList<TaskMember> members, IReadOnlyList<TaskStack> stacks)
    {
        internal IReadOnlyList<TaskMember> Members => members;

        internal IReadOnlyDictionary<string, OrtValue> Stacks { get; } = stacks.Select(s => s.Of(members)).ToDictionary(t => t.Name, Value);

        static OrtValue Value(OnnxTensor tensor) => tensor.ElementType == OnnxType.Int64
            ? OrtValue.CreateTensorValueFromMemory(tensor.ToInt64s(), tensor.Dims)
            : OrtValue.CreateTensorValueFromMemory(tensor.ToFloats(), tensor.Dims);
    }
}
