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

    /// <summary>The labels in the order of the scores.</summary>
    public LabelSet Labels => _head.Labels;

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
        return examples.Chunk(Window).SelectMany(window => Scores(window, cancellationToken)).Select(scores => Prediction.Of(Labels, scores));
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
        var gold = Labels.IndexesOf(data);
        var predictions = new List<Prediction>(data.Count);
        foreach (var prediction in Predict(data, cancellationToken))
        {
            predictions.Add(prediction);
            progress?.Report(predictions.Count);
        }
        return EvaluationReport.Of(Labels, gold, predictions);
    }

    float[][] Scores(Example[] window, CancellationToken cancellationToken)
    {
        var tokenizer = _encoder.Backbone.RequireTokenizer();
        var tokens = window.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(e => TokenIds.Of(tokenizer, e, Info.MaxLength)).ToArray();
        var scores = new float[window.Length][];
        Parallel.ForEach(FeaturePlan.Runs([.. tokens.Select(t => t.Length)], new FeatureOptions().TokensPerRun),
            new ParallelOptions { MaxDegreeOfParallelism = _encoder.Threads, CancellationToken = cancellationToken },
            run => _encoder.Run([.. run.Select(i => tokens[i])], (hidden, length) =>
            {
                using var batch = new FeatureBatch(run, length, _encoder.Backbone.Hidden, _head.View);
                for (var row = 0; row < run.Length; row++)
                    batch.SetExample(row, hidden.Slice(row * length * batch.Width, tokens[run[row]].Length * batch.Width));
                var answers = _head.Run(batch);
                for (var row = 0; row < run.Length; row++)
                    scores[run[row]] = answers[row];
            }));
        return scores;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        _encoder.Dispose();
    }
}
