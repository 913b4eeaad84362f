namespace OrtPeft;

/// <summary>Answers with several adapters of one backbone at once: a text passes the backbone once, whatever the number of tasks. Safe to use from many threads.</summary>
public sealed class MultiPredictor : IDisposable
{
    readonly HeadRunner _runner;
    readonly WordPlaces _words;

    MultiPredictor(AdapterSet set, ExecutionOptions execution)
    {
        execution.Validate();
        Names = set.Names;
        _words = new WordPlaces(set.Backbone, set.MaxLength);
        _runner = new HeadRunner(set.Backbone, [.. set.Adapters.Select(adapter => new TrainedHead(adapter, set.Backbone))], set.MaxLength, execution);
    }

    /// <summary>The adapters' names, in the order of the answers: those of their folders.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Loads adapters and the backbone they belong to.</summary>
    /// <param name="folders">The adapters' folders.</param>
    /// <param name="model">The backbone; null looks where it was when the first adapter was trained.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <exception cref="OrtPeftException">One is damaged, they are not of one backbone and length, or two have the same name.</exception>
    public static MultiPredictor Load(IReadOnlyList<string> folders, string? model = null, ExecutionOptions? execution = null) =>
        new(AdapterSet.Load(folders, model), execution ?? new ExecutionOptions());

    /// <summary>The answers of every adapter for many texts, in their order.</summary>
    public IEnumerable<IReadOnlyList<Prediction>> Predict(IEnumerable<Example> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return examples.Chunk(Predictor.Window).SelectMany(window => Answers(window, cancellationToken));
    }

    IEnumerable<IReadOnlyList<Prediction>> Answers(Example[] window, CancellationToken cancellationToken)
    {
        var scores = _runner.Run(window, cancellationToken);
        return window.Select((example, i) => (Prediction[])[.. _runner.Heads.Select((head, h) => head.Task.Answer(example, scores[h][i], _words))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();
}
