using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>The trained part of an adapter, ready to answer on frozen features. Safe to use from many threads.</summary>
sealed class TrainedHead : IDisposable
{
    readonly InferenceSession _session;
    readonly RunOptions _runOptions = new();
    readonly Dictionary<string, OrtValue> _tensors = [];

    /// <summary>Puts the adapter's tensors into its method's graph.</summary>
    /// <exception cref="OrtPeftException">A tensor is missing or has another shape.</exception>
    /// <param name="adapter">The adapter.</param>
    /// <param name="backbone">Its backbone.</param>
    /// <param name="fromFrontier">Whether a tuned encoder begins at its frontier, with cached features, and not with token ids.</param>
    /// <param name="execution">Where it runs; null for the processor.</param>
    internal TrainedHead(Adapter adapter, Backbone backbone, bool fromFrontier = false, ExecutionOptions? execution = null)
    {
        Task = LearningTasks.Restore(adapter.Info);
        var tunable = Declare(adapter, backbone).With(adapter.Tensors);
        if (!fromFrontier)
            tunable = tunable with { Encoder = tunable.Encoder?.FromTokens() };
        (View, TextsPerExample, Layers, Encoder) = (tunable.View, tunable.TextsPerExample, tunable.Layers, tunable.Encoder);
        foreach (var tensor in tunable.Tensors)
            _tensors.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        _session = tunable.OpenSession(HeadGraph.Inference(tunable, tunable.Width(backbone.Hidden)), intraOpThreads: 1, execution);
    }

    internal LearningTask Task { get; }

    /// <summary>Texts of one example, whose pooled features stand side by side.</summary>
    internal int TextsPerExample { get; }

    /// <summary>How many of the last hidden states it reads.</summary>
    internal int Layers { get; }

    /// <summary>What of the features it reads.</summary>
    internal FeatureView View { get; }

    /// <summary>The part of the backbone that was trained too; null where it reads frozen features.</summary>
    internal TunedEncoder? Encoder { get; }

    /// <summary>Scores of every example of <paramref name="set"/>, those of padding left out.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="threads">How many runs to make at once.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="seen">Told of each batch and its examples' places.</param>
    internal float[][] RunAll(TrainingSet set, int threads, CancellationToken cancellationToken, Action<TrainingBatch, int[]>? seen = null)
    {
        var scores = new float[set.Count][];
        Parallel.ForEach(FeaturePlan.Runs(set.Lengths, new FeatureOptions().TokensPerRun), new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, run =>
        {
            using var batch = set.Batch(run);
            var answers = Run(batch);
            for (var row = 0; row < run.Length; row++)
                scores[run[row]] = answers[row][..Evaluation.ScoresOf(set, Task, run[row])];
            seen?.Invoke(batch, run);
        });
        return scores;
    }

    /// <summary>Scores of each example of <paramref name="batch"/>: [batch] of [outputs], or of [sequence x outputs] with padding.</summary>
    internal float[][] Run(TrainingBatch batch)
    {
        var feeds = new Dictionary<string, OrtValue>(_tensors);
        foreach (var (name, value) in batch.Inputs())
            feeds.Add(name, value);
        try
        {
            using var outputs = _session.Run(_runOptions, feeds, [HeadGraph.ScoresOutput]);
            var scores = outputs[0].GetTensorDataAsSpan<float>().ToArray();
            return [.. scores.Chunk(scores.Length / batch.Size)];
        }
        finally
        {
            foreach (var (name, value) in feeds)
            {
                if (!_tensors.ContainsKey(name))
                    value.Dispose();
            }
        }
    }

    /// <summary>The adapter's method on its backbone.</summary>
    internal static TunableGraph Declare(Adapter adapter, Backbone backbone) => adapter.Method.Apply(backbone, LearningTasks.Restore(adapter.Info), seed: 0);

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
    }
}
