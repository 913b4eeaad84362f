namespace OrtPeft.Tests;

/// <summary>Adapters with random values, as if they had been trained.</summary>
static class RandomAdapter
{
    internal static Adapter Of(MethodOptions options, Backbone backbone, LearningTask task, int seed = 0)
    {
        var tensors = options.Apply(backbone, task, seed).Tensors.Select(t =>
        {
            var random = new CounterRandom(seed, t.Name);
            return t with { Values = [.. t.Values.Select(v => v + 0.3f * (float)random.NextNormal())] };
        }).ToArray();
        return new Adapter(new AdapterInfo
        {
            Method = options.Method,
            Options = TuningMethods.ToJson(options),
            Backbone = new AdapterBackbone(backbone.Name, backbone.Sha256, Path.GetFullPath(backbone.Path)),
            Tokenizer = backbone.RequireTokenizer().Sha256,
            Task = task.Info,
            Labels = task.Labels,
            MaxLength = 20,
            TrainableParameters = tensors.Sum(t => t.Count),
            Metrics = new Dictionary<string, double>(),
            Run = $"{seed}",
        }, tensors);
    }
}
