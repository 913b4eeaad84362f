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
        Labels = new LabelSet(info.Labels);
        var tunable = Declare(info, backbone);
        View = tunable.View;
        foreach (var expected in tunable.Tensors)
        {
            var tensor = adapter.Tensors.FirstOrDefault(t => t.Name == expected.Name && t.Shape.SequenceEqual(expected.Shape))
                ?? throw new OrtPeftException($"The adapter has no tensor '{expected.Name}' of shape [{string.Join(", ", expected.Shape)}]. It is damaged; train again.");
            _tensors.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        }
        _session = OrtSession.FromBytes(HeadGraph.Inference(tunable, backbone.Hidden).ToBytes(), intraOpThreads: 1);
    }

    /// <summary>What of the features the adapter's method reads.</summary>
    internal static FeatureView ViewOf(Adapter adapter, Backbone backbone) => Declare(adapter.Info, backbone).View;

    internal LabelSet Labels { get; }

    /// <summary>What of the features it reads.</summary>
    internal FeatureView View { get; }

    /// <summary>Scores of each example of <paramref name="batch"/>: [batch] of [labels].</summary>
    internal float[][] Run(FeatureBatch batch)
    {
        var feeds = new Dictionary<string, OrtValue>(_tensors);
        foreach (var (name, value) in batch.Inputs())
            feeds.Add(name, value);
        try
        {
            using var outputs = _session.Run(_runOptions, feeds, [HeadGraph.ScoresOutput]);
            return [.. outputs[0].GetTensorDataAsSpan<float>().ToArray().Chunk(Labels.Count)];
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

    static TunableGraph Declare(AdapterInfo info, Backbone backbone) =>
        TuningMethods.FromJson(info.Method, info.Options.DeepClone()).Apply(backbone, info.Labels, seed: 0);

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
    }
}
