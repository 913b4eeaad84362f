using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The graph of a head under construction: features, mask and trained tensors are inputs, so weights are never baked in. Where a method trains inside
/// the backbone, its tuned part comes before the head, and the inputs are those of that part.
/// </summary>
sealed class HeadGraph
{
    internal const string FeaturesInput = "features";
    internal const string MaskInput = "mask";
    internal const string ScoresOutput = "scores";
    internal const int Opset = 17;

    readonly Dropouts _dropouts;

    internal HeadGraph(TunableGraph tunable, int width, bool training)
    {
        var rows = tunable.TextsPerExample == 1 ? "batch" : "texts";
        _dropouts = new Dropouts(training, rows);
        Width = width;
        if (tunable.Encoder is { } encoder)
        {
            (Builder, var hidden, var mask) = encoder.Build(_dropouts, rows);
            (Features, Mask) = (PooledFeatures.InGraph(Builder, tunable.View, tunable.TextsPerExample, hidden, mask), mask);
        }
        else
        {
            Builder = new GraphBuilder(tunable.Opset, "head");
            Features = tunable.View == FeatureView.Tokens
                ? Builder.Input(FeaturesInput, OnnxType.Float, "batch", "sequence", width)
                : Builder.Input(FeaturesInput, OnnxType.Float, "batch", width);
            Mask = tunable.View == FeatureView.Tokens ? Builder.Input(MaskInput, OnnxType.Float, "batch", "sequence") : "";
        }
        foreach (var tensor in tunable.HeadTensors)
            Builder.Input(tensor.Name, OnnxType.Float, [.. tensor.Shape.Select(d => (Dim)d)]);
        Scores = tunable.Forward(this);
    }

    internal GraphBuilder Builder { get; }

    internal int Width { get; }

    /// <summary>What the head reads: [batch, sequence, width], or [batch, width] when pooled.</summary>
    internal string Features { get; }

    /// <summary>1 for tokens, 0 for padding: [batch, sequence].</summary>
    internal string Mask { get; }

    internal string Scores { get; }

    internal IReadOnlyList<NoiseInput> Noise => _dropouts.Inputs;

    /// <inheritdoc cref="Dropouts.Apply"/>
    internal string Dropout(string tensor, float rate, params long[] shape) => _dropouts.Apply(Builder, tensor, rate, shape);

    /// <summary>The graph that predicts: features and trained tensors to scores.</summary>
    internal static OnnxModel Inference(TunableGraph tunable, int width)
    {
        var head = new HeadGraph(tunable, width, training: false);
        head.Builder.Output(head.Scores, ScoresOutput);
        return head.Builder.Build();
    }

    /// <summary>Brings the model to an operator set that heads can be joined to.</summary>
    /// <exception cref="OrtPeftException">That cannot be done.</exception>
    internal static void RequireOpset(OnnxModel model)
    {
        if (model.Opset < Opset && !OpsetUpgrade.ToLayerNormalization(model).Applied)
            throw new OrtPeftException($"The backbone has opset {model.Opset}; a head can be joined to opset 13 or later. Export the backbone with a newer opset.");
    }
}
