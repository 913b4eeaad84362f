using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Forward pass, loss and backward pass of one step as one graph of standard operators: batch and trained tensors in, loss and gradients out.</summary>
sealed class TrainingGraph
{
    internal const string LabelsInput = "labels.gold";
    internal const string WeightsInput = "labels.weight";
    internal const string LossOutput = "loss";

    TrainingGraph(OnnxModel model, IReadOnlyList<NoiseInput> noise)
    {
        Model = model;
        Noise = noise;
    }

    internal OnnxModel Model { get; }

    internal IReadOnlyList<NoiseInput> Noise { get; }

    /// <summary>The name of a tensor's gradient.</summary>
    internal static string Gradient(string tensor) => tensor + ".gradient";

    /// <summary>Builds the step of <paramref name="tunable"/> on features of <paramref name="width"/> with <paramref name="labels"/> outputs.</summary>
    internal static TrainingGraph Build(TunableGraph tunable, int width, int labels)
    {
        var head = new HeadGraph(tunable, width, training: true);
        var g = head.Builder;
        var loss = Loss(g, tunable, head.Scores, labels);
        g.Output(loss, LossOutput);
        var gradients = GradientBuilder.AddGradients(g, loss, [.. tunable.Tensors.Select(t => t.Name)]);
        foreach (var tensor in tunable.Tensors)
            g.Output(gradients[tensor.Name], Gradient(tensor.Name));
        return new TrainingGraph(g.Build(), head.Noise);
    }

    /// <summary>Forward pass and loss, without dropout: what evaluation runs.</summary>
    internal static OnnxModel Evaluation(TunableGraph tunable, int width, int labels)
    {
        var head = new HeadGraph(tunable, width, training: false);
        head.Builder.Output(Loss(head.Builder, tunable, head.Scores, labels), LossOutput);
        head.Builder.Output(head.Scores, HeadGraph.ScoresOutput);
        return head.Builder.Build();
    }

    /// <summary>Adds the right answers, and where it is needed what each counts, as inputs, and the method's loss on them.</summary>
    internal static string Loss(GraphBuilder g, TunableGraph tunable, string scores, int labels)
    {
        Dim[] shape = tunable.Target switch
        {
            TargetKind.TokenClass => ["batch", "sequence"],
            TargetKind.Values => ["batch", labels],
            _ => ["batch"],
        };
        var gold = g.Input(LabelsInput, tunable.Target == TargetKind.Values ? OnnxType.Float : OnnxType.Int64, shape);
        var weights = tunable.Weighted ? g.Input(WeightsInput, OnnxType.Float, shape) : null;
        var classes = g.Vector([.. Enumerable.Range(0, labels).Select(i => (long)i)]);
        return tunable.Loss(g, scores, tunable.Target switch
        {
            TargetKind.Values => gold,
            TargetKind.Level => g.Cast(g.Greater(g.Unsqueeze(gold, [1]), classes), OnnxType.Float),
            _ => g.Cast(g.Equal(g.Unsqueeze(gold, [shape.Length]), classes), OnnxType.Float),
        }, weights);
    }
}
