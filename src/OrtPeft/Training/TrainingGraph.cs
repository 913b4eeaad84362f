using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// One training step as one graph of standard operators: forward, loss, backward, clipping, optimizer. Tensors and moments come in,
/// and their next values go out.
/// </summary>
sealed class TrainingGraph
{
    internal const string LabelsInput = "labels.gold";
    internal const string LearningRateInput = "learning_rate";
    internal const string StepInput = "step";
    internal const string LossOutput = "loss";

    TrainingGraph(OnnxModel model, IReadOnlyList<NoiseInput> noise, IReadOnlyList<string> moments, IReadOnlyDictionary<string, string> next)
    {
        Next = next;
        Model = model;
        Noise = noise;
        Moments = moments;
    }

    internal OnnxModel Model { get; }

    internal IReadOnlyList<NoiseInput> Noise { get; }

    /// <summary>Suffixes of the optimizer's moments.</summary>
    internal IReadOnlyList<string> Moments { get; }

    /// <summary>For each trained tensor and moment, the output that holds its next value.</summary>
    internal IReadOnlyDictionary<string, string> Next { get; }

    internal static string MomentName(string tensor, string moment) => $"{tensor}.{moment}";

    /// <summary>Builds the step of <paramref name="tunable"/> on features of <paramref name="width"/> with <paramref name="labels"/> labels.</summary>
    internal static TrainingGraph Build(TunableGraph tunable, int width, int labels, TrainingOptions options)
    {
        var head = new HeadGraph(tunable, width, training: true);
        var g = head.Builder;
        var loss = Loss(g, tunable, head.Scores, labels);
        var learningRate = g.Input(LearningRateInput, OnnxType.Float);
        var step = g.Input(StepInput, OnnxType.Float);

        var names = tunable.Tensors.Select(t => t.Name).ToArray();
        var gradients = GradientBuilder.AddGradients(g, loss, names);
        var scale = options.Clip == 0 ? null : ClippingScale(g, names.Select(n => gradients[n]), (float)options.Clip);

        var rule = Optimizers.Get(options.Optimizer);
        var update = rule.Begin(g, new OptimizerStep(learningRate, step, scale, (float)options.WeightDecay!.Value));
        g.Output(loss, LossOutput);
        var next = new Dictionary<string, string>();
        for (var i = 0; i < names.Length; i++)
        {
            var shape = tunable.Tensors[i].Shape.Select(d => (Dim)d).ToArray();
            var moments = rule.Moments.Select(m => g.Input(MomentName(names[i], m), OnnxType.Float, shape)).ToArray();
            var (value, newMoments) = update(names[i], gradients[names[i]], moments);
            next.Add(names[i], g.Output(value));
            for (var m = 0; m < moments.Length; m++)
                next.Add(moments[m], g.Output(newMoments[m]));
        }
        return new TrainingGraph(g.Build(), head.Noise, rule.Moments, next);
    }

    /// <summary>Forward pass and loss, without dropout: what evaluation runs.</summary>
    internal static OnnxModel Evaluation(TunableGraph tunable, int width, int labels)
    {
        var head = new HeadGraph(tunable, width, training: false);
        head.Builder.Output(Loss(head.Builder, tunable, head.Scores, labels), LossOutput);
        head.Builder.Output(head.Scores, HeadGraph.ScoresOutput);
        return head.Builder.Build();
    }

    /// <summary>Adds the gold labels (int64 [batch]) as an input and the method's loss on them.</summary>
    internal static string Loss(GraphBuilder g, TunableGraph tunable, string scores, int labels)
    {
        var gold = g.Unsqueeze(g.Input(LabelsInput, OnnxType.Int64, "batch"), [1]);
        var classes = g.Vector([.. Enumerable.Range(0, labels).Select(i => (long)i)]);
        return tunable.Loss(g, scores, g.Cast(g.Equal(gold, classes), OnnxType.Float));
    }

    /// <summary>min(1, limit / norm), norm over all gradients together (Pascanu et al. 2013).</summary>
    static string ClippingScale(GraphBuilder g, IEnumerable<string> gradients, float limit)
    {
        var squares = gradients.Select(gradient => g.ReduceSum(g.Mul(gradient, gradient), keepDims: false)).ToArray();
        return g.Min(g.Constant(1f), g.Div(g.Constant(limit), g.Add(g.Sqrt(g.Sum(squares)), 1e-6)));
    }
}
