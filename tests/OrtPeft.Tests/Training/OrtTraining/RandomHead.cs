using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Heads with random values and random batches for them.</summary>
sealed record RandomHead(TunableGraph Tunable, int Width, int Labels)
{
    const int Batches = 10, BatchSize = 12, Length = 9;

    internal static readonly string[] Names = ["linear", "mlp", "y-tuning", "y-tuning-cross-entropy", "y-tuning-max-pooling"];

    internal static RandomHead Create(string name, double dropout = 0)
    {
        const int Width = 16, Labels = 3;
        var options = new YTuningOptions { Heads = 4, FeedForward = 24, Dropout = dropout };
        return new RandomHead(name switch
        {
            "linear" => LinearProbe.Graph(new LinearProbeOptions(), new ClassificationTask(["a", "b", "c"]), [TrainedTensor.Normal("classifier.weight", 0.1, 1, Labels, Width), TrainedTensor.Constant("classifier.bias", 0, Labels)]),
            "mlp" => Mlp(Width, 20, Labels),
            "y-tuning" => YTuningHead(options),
            "y-tuning-cross-entropy" => YTuningHead(options with { Loss = YTuningLoss.CrossEntropy, Norm = NormPlacement.Post }),
            "y-tuning-max-pooling" => YTuningHead(options with { VectorsPerLabel = 2, LabelPooling = LabelPooling.Max, Layers = 2 }),
            _ => throw new ArgumentException(name),
        }, Width, Labels);

        static TunableGraph YTuningHead(YTuningOptions options) =>
            YTuning.Graph(options, new ClassificationTask(["a", "b", "c"]), YTuning.Tensors(options, Width, TrainedTensor.Normal(YTuning.Labels, 0.5, 1, 1 + Labels * options.VectorsPerLabel, Width), seed: 1));
    }

    static TunableGraph Mlp(int width, int hidden, int labels) => new()
    {
        View = FeatureView.Mean,
        Tensors =
        [
            TrainedTensor.XavierUniform("dense.weight", 1, width, hidden), TrainedTensor.Normal("dense.bias", 0.1, 1, hidden),
            TrainedTensor.Constant("norm.weight", 1, hidden), TrainedTensor.Constant("norm.bias", 0, hidden),
            TrainedTensor.XavierUniform("out.weight", 1, hidden, labels), TrainedTensor.Constant("out.bias", 0, labels),
        ],
        Forward = head =>
        {
            var g = head.Builder;
            var inner = g.LayerNormalization(g.Gelu(g.Gemm(head.Features, "dense.weight", "dense.bias")), "norm.weight", "norm.bias", 1e-5f);
            return g.Gemm(inner, "out.weight", "out.bias");
        },
        Loss = (g, scores, target, weights) => CrossEntropyLoss.Build(g, scores, target, weights),
    };

    /// <summary>Batch number <paramref name="number"/>: features around one centre a label, texts of different lengths.</summary>
    internal FeatureBatch Batch(int number)
    {
        var random = new CounterRandom(11, "batch", number % Batches);
        var centres = new CounterRandom(12, "centres");
        var centre = Enumerable.Range(0, Labels * Width).Select(_ => centres.NextNormal() * 0.7).ToArray();
        var batch = new FeatureBatch([.. Enumerable.Range(0, BatchSize)], Tunable.View == FeatureView.Tokens ? Length : 1, Width, Tunable.View);
        for (var row = 0; row < BatchSize; row++)
        {
            batch.Labels[row] = random.NextInt32(Labels);
            var tokens = row == 0 ? Length : 1 + random.NextInt32(Length);
            var label = (int)batch.Labels[row];
            batch.SetExample(row, [.. Enumerable.Range(0, tokens * Width).Select(i => (float)(random.NextNormal() + centre[label * Width + i % Width]))]);
        }
        return batch;
    }

    /// <summary>The same for the WebAssembly runtime.</summary>
    internal static WebBatch ForWeb(FeatureBatch batch)
    {
        var web = new WebBatch { [HeadGraph.FeaturesInput] = new("float32", batch.Shape, [.. batch.Features.ToArray().Select(f => (double)f)]) };
        if (batch.View == FeatureView.Tokens)
            web.Add(HeadGraph.MaskInput, new("float32", [batch.Size, batch.Length], [.. batch.Mask.ToArray().Select(f => (double)f)]));
        web.Add(TrainingGraph.LabelsInput, new("int64", [batch.Size], [.. batch.Labels.ToArray().Select(l => (double)l)]));
        return web;
    }
}
