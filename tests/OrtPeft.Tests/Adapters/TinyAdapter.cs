namespace OrtPeft.Tests;

/// <summary>Adapters of a tiny encoder with random values, as if they had been trained.</summary>
static class TinyAdapter
{
    /// <param name="backbone">The encoder.</param>
    /// <param name="options">The method.</param>
    /// <param name="task">What it answers.</param>
    /// <param name="seed">Other values for every seed.</param>
    internal static Adapter Of(Backbone backbone, MethodOptions options, LearningTask task, long seed)
    {
        var tunable = options.Apply(backbone, task, seed);
        var info = new AdapterInfo
        {
            Method = options.Method,
            Options = TuningMethods.ToJson(options),
            Backbone = new AdapterBackbone(backbone.Name, backbone.Sha256, backbone.Path),
            Tokenizer = backbone.RequireTokenizer().Sha256,
            Task = task.Info,
            Labels = task.Labels,
            MaxLength = 32,
            TrainableParameters = tunable.Parameters,
            Metrics = new Dictionary<string, double>(),
            Run = $"{seed}",
        };
        return new Adapter(info, [.. tunable.Tensors.Select(t => t with { Values = [.. t.Values.Zip(TrainedTensor.Uniform(t.Name, 0.1, seed, t.Values.Length).Values, (a, b) => a + b)] })]);
    }

    internal static Adapter Of(Backbone backbone, MethodOptions options, int labels, long seed) =>
        Of(backbone, options, new ClassificationTask(Enumerable.Range(0, labels).Select(i => $"label {i}")), seed);

    /// <summary>Adapters by their names.</summary>
    internal static AdapterSet Set(Backbone backbone, params Adapter[] adapters) => new([.. adapters.Select((_, i) => $"task-{i}")], adapters, backbone);
}
