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
    internal TrainedHead(Adapter adapter, Backbone backbone)
    {
        var info = adapter.Info;
        Task = LearningTasks.Restore(info);
        var tunable = Declare(info, backbone);
        (View, TextsPerExample, Layers) = (tunable.View, tunable.TextsPerExample, tunable.Layers);
        foreach (var expected in tunable.Tensors)
        {
            var tensor = adapter.Tensors.FirstOrDefault(t => t.Name == expected.Name && t.Shape.SequenceEqual(expected.Shape))
                ?? throw new OrtPeftException($"The adapter has no tensor '{expected.Name}' of shape [{string.Join(", ", expected.Shape)}]. It is damaged; train again.");
            _tensors.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        }
        _session = OrtSession.FromBytes(HeadGraph.Inference(tunable, tunable.Width(backbone.Hidden)).ToBytes(), intraOpThreads: 1);
    }

    /// <summary>Cached features of <paramref name="data"/> as the adapter's method reads them.</summary>
    internal static FeatureSet Read(Adapter adapter, Backbone backbone, FeatureCache cache, TextData data)
    {
        var (task, tunable) = (LearningTasks.Restore(adapter.Info), Declare(adapter.Info, backbone));
        var targets = task.TargetsOf(data, new WordPlaces(backbone, adapter.Info.MaxLength));
        return new FeatureSet(cache, data.SelectMany(task.Texts), targets, tunable.View, tunable.TextsPerExample, tunable.Layers);
    }

    internal LearningTask Task { get; }

    /// <summary>Texts of one example, whose pooled features stand side by side.</summary>
    internal int TextsPerExample { get; }

    /// <summary>How many of the last hidden states it reads.</summary>
    internal int Layers { get; }

    /// <summary>What of the features it reads.</summary>
    internal FeatureView View { get; }

    /// <summary>Scores of each example of <paramref name="batch"/>: [batch] of [outputs], or of [sequence x outputs] with padding.</summary>
    internal float[][] Run(FeatureBatch batch)
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

    internal static TunableGraph Declare(AdapterInfo info, Backbone backbone) =>
        TuningMethods.FromJson(info.Method, info.Options.DeepClone()).Apply(backbone, LearningTasks.Restore(info), seed: 0);

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
    }
}
