namespace OrtPeft;

/// <summary>Answers with a trained adapter: text to tokens to frozen features to scores. Safe to use from many threads.</summary>
public sealed class Predictor : IDisposable
{
    /// <summary>Texts tokenized and sorted by length at once.</summary>
    internal const int Window = 1024;

    readonly HeadRunner _runner;
    readonly WordPlaces _words;

    Predictor(Adapter adapter, Backbone backbone, ExecutionOptions execution)
    {
        execution.Validate();
        Info = adapter.Info;
        _words = new WordPlaces(backbone, Info.MaxLength);
        _runner = new HeadRunner(backbone, [new TrainedHead(adapter, backbone, execution: execution)], Info.MaxLength, execution);
    }

    /// <summary>What the adapter is.</summary>
    public AdapterInfo Info { get; }

    /// <summary>The labels in the order of the scores; none where answers are numbers.</summary>
    public IReadOnlyList<string> Labels => Task.Labels;

    /// <summary>Loads an adapter and the backbone it belongs to.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The backbone; null looks where it was when the adapter was trained.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <exception cref="OrtPeftException">The adapter is damaged, or backbone or tokenizer are not those it was trained with.</exception>
    public static Predictor Load(string folder, string? model = null, ExecutionOptions? execution = null)
    {
        var adapter = Adapter.Load(folder);
        return new Predictor(adapter, adapter.OpenBackbone(folder, model), execution ?? new ExecutionOptions());
    }

    /// <summary>Answers for one text. An empty text is a text.</summary>
    public Prediction Predict(string text, string? pair = null) => Predict([new Example { Id = "", Text = text, TextPair = pair }]).Single();

    /// <summary>Answers for one image.</summary>
    /// <exception cref="OrtPeftException">The image cannot be used, or the model reads texts.</exception>
    public Prediction Predict(ImageSource image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict([new Example { Id = image.Name, Image = image }]).Single();
    }

    /// <summary>Answers for many texts, in their order; texts of similar length share a run, on all threads.</summary>
    public IEnumerable<Prediction> Predict(IEnumerable<Example> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return examples.Chunk(Window).SelectMany(window => window.Zip(Scores(window, cancellationToken), (example, scores) => Task.Answer(example, scores, _words)));
    }

    /// <summary>Answers for labelled texts and compares.</summary>
    /// <param name="data">Labelled texts.</param>
    /// <param name="progress">Told how many are answered.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OrtPeftException">An example has no label, or one the adapter does not know.</exception>
    public EvaluationReport Evaluate(TextData data, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        // An unknown label is found before the work, not after it.
        var targets = Task.TargetsOf(data, _words);
        var scores = new List<float[]>(data.Count);
        foreach (var window in data.Chunk(Window))
        {
            scores.AddRange(Scores(window, cancellationToken));
            progress?.Report(scores.Count);
        }
        return new EvaluationReport(Task, data, targets, scores, _words);
    }

    /// <summary>Throws when the adapter's task has no metric of that name.</summary>
    internal void RequireMetric(string name) => Metrics.Require(name, Task);

    LearningTask Task => _runner.Heads[0].Task;

    float[][] Scores(Example[] window, CancellationToken cancellationToken) => _runner.Run(window, cancellationToken)[0];

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();
}
