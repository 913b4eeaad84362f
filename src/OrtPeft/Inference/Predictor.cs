namespace OrtPeft;

/// <summary>Answers with a trained adapter: text to tokens to frozen features to scores. Safe to use from many threads.</summary>
public sealed class Predictor : IDisposable
{
    /// <summary>Texts tokenized and sorted by length at once.</summary>
    const int Window = 1024;

    readonly FrozenEncoder _encoder;
    readonly TrainedHead _head;

    Predictor(Adapter adapter, Backbone backbone, ExecutionOptions execution)
    {
        execution.Validate();
        Info = adapter.Info;
        _head = new TrainedHead(adapter, backbone);
        _encoder = new FrozenEncoder(backbone, execution);
    }

    /// <summary>What the adapter is.</summary>
    public AdapterInfo Info { get; }

    /// <summary>The labels in the order of the scores; none where answers are numbers.</summary>
    public IReadOnlyList<string> Labels => _head.Task.Labels;

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

    /// <summary>Answers for many texts, in their order; texts of similar length share a run, on all threads.</summary>
    public IEnumerable<Prediction> Predict(IEnumerable<Example> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return examples.Chunk(Window).SelectMany(window => window.Zip(Scores(window, cancellationToken), (example, scores) => _head.Task.Answer(example, scores, Words)));
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
        var targets = _head.Task.TargetsOf(data, Words);
        var scores = new List<float[]>(data.Count);
        foreach (var window in data.Chunk(Window))
        {
            scores.AddRange(Scores(window, cancellationToken));
            progress?.Report(scores.Count);
        }
        return new EvaluationReport(_head.Task, data, targets, scores, Words);
    }

    /// <summary>Throws when the adapter's task has no metric of that name.</summary>
    internal void RequireMetric(string name) => Metrics.Require(name, _head.Task);

    WordPlaces Words => new(_encoder.Backbone.RequireTokenizer(), Info.MaxLength);

    float[][] Scores(Example[] window, CancellationToken cancellationToken)
    {
        var tokenizer = _encoder.Backbone.RequireTokenizer();
        var tokens = window.AsParallel().AsOrdered().WithCancellation(cancellationToken).SelectMany(_head.Task.Texts)
            .Select(text => TokenIds.Of(tokenizer, text, Info.MaxLength)).ToArray();
        var scores = new float[window.Length][];
        var width = _encoder.Backbone.Hidden;
        var pooled = _head.View == FeatureView.Tokens ? [] : new float[tokens.Length * width];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _encoder.Threads, CancellationToken = cancellationToken };
        Parallel.ForEach(FeaturePlan.Runs([.. tokens.Select(t => t.Length)], new FeatureOptions().TokensPerRun), parallel, run =>
            _encoder.Run([.. run.Select(i => tokens[i])], (hidden, length) =>
            {
                if (_head.View == FeatureView.Tokens)
                    AnswerTokens(hidden, length);
                else
                    for (var row = 0; row < run.Length; row++)
                        Pooling.Pool(_head.View, Values(hidden, length, row), pooled.AsSpan(run[row] * width, width));

                ReadOnlySpan<float> Values(ReadOnlySpan<float> all, int length, int row) => all.Slice(row * length * width, tokens[run[row]].Length * width);

                void AnswerTokens(ReadOnlySpan<float> all, int length)
                {
                    using var batch = new FeatureBatch(run, length, width, _head.View);
                    for (var row = 0; row < run.Length; row++)
                        batch.SetExample(row, Values(all, length, row));
                    var answers = _head.Run(batch);
                    for (var row = 0; row < run.Length; row++)
                        scores[run[row]] = answers[row];
                }
            }));
        if (pooled.Length > 0)
            AnswerPooled();
        return scores;

        // The texts of a pair may have come from different runs.
        void AnswerPooled()
        {
            using var batch = new FeatureBatch([.. Enumerable.Range(0, window.Length)], 1, width * _head.TextsPerExample, _head.View);
            pooled.CopyTo(batch.Features);
            _head.Run(batch).CopyTo(scores, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        _encoder.Dispose();
    }
}
