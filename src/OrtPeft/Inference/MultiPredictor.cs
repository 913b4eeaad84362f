namespace OrtPeft;

/// <summary>
/// Answers with several adapters of one backbone at once: a text passes the frozen backbone once for all heads on its features; adapters that change
/// the backbone share one session, whose batches mix them. Adapters can be added while others answer. Safe to use from many threads.
/// </summary>
public sealed class MultiPredictor : IDisposable
{
    readonly ExecutionOptions _execution;
    readonly WordPlaces _words;
    readonly HeadRunner _heads;
    readonly Lock _adding = new();
    readonly List<TaskRunner> _opened = [];
    volatile Answerers _answerers;

    internal MultiPredictor(AdapterSet set, ExecutionOptions execution)
    {
        execution.Validate();
        _execution = execution;
        _words = new WordPlaces(set.Backbone, set.MaxLength);
        _heads = new HeadRunner(set.Backbone, [], set.MaxLength, execution);
        var members = set.Adapters.Select(adapter => Member(adapter, set.Backbone)).ToArray();
        var tasks = members.Any(m => m is not null) ? Open(set, [.. members.OfType<TaskMember>()]) : null;
        _answerers = new Answerers(set, tasks, []);
        for (var i = 0; i < members.Length; i++)
            _answerers = Placed(_answerers, set.Adapters[i], tasks is null ? null : members[i]);
    }

    /// <summary>The adapters' names, in the order of the answers: those of their folders.</summary>
    public IReadOnlyList<string> Names => _answerers.Set.Names;

    /// <summary>Loads adapters and the backbone they belong to.</summary>
    /// <param name="folders">The adapters' folders.</param>
    /// <param name="model">The backbone; null looks where it was when the first adapter was trained.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <exception cref="OrtPeftException">One is damaged, they are not of one backbone and length, or two have the same name.</exception>
    public static MultiPredictor Load(IReadOnlyList<string> folders, string? model = null, ExecutionOptions? execution = null) =>
        new(AdapterSet.Load(folders, model), execution ?? new ExecutionOptions());

    /// <summary>
    /// Adds an adapter, which answers from the next call on. Where another adapter was trained by the same method with the same options this costs its
    /// own tensors only; a method that is new opens another session, and the one before stays open for calls that still read it.
    /// </summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="OrtPeftException">It is damaged, of another backbone or length, or has the name of another.</exception>
    public void Add(string folder)
    {
        lock (_adding)
            Add(_answerers.Set.With(folder));
    }

    /// <summary>Adds what comes last in <paramref name="set"/>.</summary>
    internal void Add(AdapterSet set)
    {
        var (adapter, answerers) = (set.Adapters[^1], _answerers with { Set = set });
        var member = Member(adapter, set.Backbone);
        if (member is not null && answerers.Tasks?.TryAdd(member) != true)
        {
            var tasks = Open(set, [.. answerers.Tasks?.Members ?? [], member]);
            answerers = answerers with { Tasks = tasks ?? answerers.Tasks };
            member = tasks is null ? null : member;
        }
        _answerers = Placed(answerers, adapter, member);
    }

    /// <summary>The answers of every adapter for many texts, in their order.</summary>
    public IEnumerable<IReadOnlyList<Prediction>> Predict(IEnumerable<Example> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var answerers = _answerers;
        return examples.Chunk(Predictor.Window).SelectMany(window => Answers(answerers, window, cancellationToken));
    }

    IEnumerable<IReadOnlyList<Prediction>> Answers(Answerers answerers, Example[] window, CancellationToken cancellationToken)
    {
        var tasks = answerers.Tasks?.Run(window, cancellationToken) ?? [];
        var heads = answerers.Places.All(p => p.IsTask) ? [] : _heads.Run(window, cancellationToken);
        return window.Select((example, i) => (Prediction[])[.. answerers.Places.Select(p => p.Task.Answer(example, (p.IsTask ? tasks : heads)[p.Index][i], _words))]);
    }

    /// <summary>The adapter as one of several tasks in a batch; null where it has a head on frozen features, or must run alone.</summary>
    static TaskMember? Member(Adapter adapter, Backbone backbone) =>
        AdapterTask.Find(adapter, backbone, out _) is { Group: not null } member ? member : null;

    /// <summary>A session for tasks; null where the backbone's graph has no place for several, so that each adapter runs alone.</summary>
    TaskRunner? Open(AdapterSet set, IReadOnlyList<TaskMember> members)
    {
        try
        {
            var tasks = new TaskRunner(set.Backbone, members, set.MaxLength, _execution);
            _opened.Add(tasks);
            return tasks;
        }
        catch (SeveralTasksException)
        {
            return null;
        }
    }

    Answerers Placed(Answerers answerers, Adapter adapter, TaskMember? member)
    {
        if (member is not null)
            return answerers with { Places = [.. answerers.Places, new Place(member.Task, true, answerers.Places.Count(p => p.IsTask))] };
        var head = new TrainedHead(adapter, answerers.Set.Backbone, execution: _execution);
        _heads.Add(head);
        return answerers with { Places = [.. answerers.Places, new Place(head.Task, false, _heads.Heads.Count - 1)] };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heads.Dispose();
        _opened.ForEach(t => t.Dispose());
    }

    /// <summary>Where the scores of an adapter are found.</summary>
    sealed record Place(LearningTask Task, bool IsTask, int Index);

    sealed record Answerers(AdapterSet Set, TaskRunner? Tasks, IReadOnlyList<Place> Places);
}
