using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A random 0/scale mask that training feeds in: its input's name, its shape (the first dimension is the batch when 0) and the rate.</summary>
sealed record NoiseInput(string Name, long[] Shape, float Rate)
{
    internal long[] ShapeFor(int batch) => [.. Shape.Select(d => d == 0 ? batch : d)];

    /// <summary>
    /// The mask of <paramref name="count"/> examples from <paramref name="start"/> of a batch, whose mask of this step does not depend on how it is
    /// divided. The caller disposes it.
    /// </summary>
    internal OrtValue Draw(long seed, long step, int start, int count)
    {
        var mask = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, ShapeFor(count));
        var values = mask.GetTensorMutableDataAsSpan<float>();
        new CounterRandom(seed, Name, step).Singles(Shape[0] == 0 ? (long)start * (values.Length / count) : 0, values);
        var keep = 1 / (1 - Rate);
        foreach (ref var value in values)
            value = value < Rate ? 0 : keep;
        return mask;
    }
}

/// <summary>The graph of a head under construction: features, mask and trained tensors are inputs, so weights are never baked in.</summary>
sealed class HeadGraph
{
    internal const string FeaturesInput = "features";
    internal const string MaskInput = "mask";
    internal const string ScoresOutput = "scores";
    internal const int Opset = 17;

    readonly bool _training;
    readonly List<NoiseInput> _noise = [];

    internal HeadGraph(TunableGraph tunable, int width, bool training)
    {
        _training = training;
        Width = width;
        Builder = new GraphBuilder(tunable.Opset, "head");
        Features = tunable.View == FeatureView.Tokens
            ? Builder.Input(FeaturesInput, OnnxType.Float, "batch", "sequence", width)
            : Builder.Input(FeaturesInput, OnnxType.Float, "batch", width);
        Mask = tunable.View == FeatureView.Tokens ? Builder.Input(MaskInput, OnnxType.Float, "batch", "sequence") : "";
        foreach (var tensor in tunable.Tensors)
            Builder.Input(tensor.Name, OnnxType.Float, [.. tensor.Shape.Select(d => (Dim)d)]);
        Scores = tunable.Forward(this);
    }

    internal GraphBuilder Builder { get; }

    internal int Width { get; }

    /// <summary>Frozen features: [batch, sequence, width], or [batch, width] when pooled.</summary>
    internal string Features { get; }

    /// <summary>1 for tokens, 0 for padding: [batch, sequence].</summary>
    internal string Mask { get; }

    internal string Scores { get; }

    internal IReadOnlyList<NoiseInput> Noise => _noise;

    /// <summary>
    /// Inverted dropout (Srivastava et al. 2014) with the mask as an input, so that training is repeatable on every execution provider;
    /// nothing at all when predicting. <paramref name="shape"/>: 0 stands for the batch.
    /// </summary>
    internal string Dropout(string tensor, float rate, params long[] shape)
    {
        if (!_training || rate == 0)
            return tensor;
        var noise = new NoiseInput($"dropout.{_noise.Count}", shape, rate);
        _noise.Add(noise);
        var mask = Builder.Input(noise.Name, OnnxType.Float, [.. shape.Select(d => d == 0 ? (Dim)"batch" : d)]);
        return Builder.Mul(tensor, mask);
    }

    /// <summary>The graph that predicts: features and trained tensors to scores.</summary>
    internal static OnnxModel Inference(TunableGraph tunable, int width)
    {
        var head = new HeadGraph(tunable, width, training: false);
        head.Builder.Output(head.Scores, ScoresOutput);
        return head.Builder.Build();
    }
}
