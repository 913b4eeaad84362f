using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Writes a method's trained part as artifacts. The backward pass is that of <see cref="TrainingGraph"/>: standard operators, which every
/// runtime has; only adding the gradients up needs the training runtime's own operator.
/// </summary>
static class ArtifactBuilder
{
    const string Accumulator = "InPlaceAccumulatorV2", Domain = "com.microsoft";

    /// <summary>The artifacts of <paramref name="tunable"/> on features of <paramref name="width"/> with <paramref name="labels"/> labels.</summary>
    internal static OrtArtifacts Build(TunableGraph tunable, int width, int labels, ArtifactOptimizer optimizer)
    {
        var training = Training(tunable, width, labels);
        var evaluation = TrainingGraph.Evaluation(tunable, width, labels);
        OrderInputs(evaluation, tunable);
        return new OrtArtifacts
        {
            TrainingModel = training,
            EvalModel = evaluation,
            OptimizerModel = optimizer.ToModel(training.Opset),
            Checkpoint = new OrtCheckpoint { Trainable = [.. tunable.Tensors.Select(t => OnnxTensor.FromFloats(t.Name, t.Values, [.. t.Shape]))] },
        };
    }

    static OnnxModel Training(TunableGraph tunable, int width, int labels)
    {
        var head = new HeadGraph(tunable, width, training: true);
        var g = head.Builder;
        var loss = TrainingGraph.Loss(g, tunable, head.Scores, labels);
        g.Output(loss, TrainingGraph.LossOutput);
        g.Output(head.Scores, HeadGraph.ScoresOutput);
        var gradients = GradientBuilder.AddGradients(g, loss, [.. tunable.Tensors.Select(t => t.Name)]);

        var model = g.Build();
        var graph = model.Graph;
        DrawNoise(g, head.Noise);
        OrderInputs(model, tunable);
        model.OpsetImports.TryAdd(Domain, 1);
        for (var i = 0; i < tunable.Tensors.Count; i++)
        {
            var name = tunable.Tensors[i].Name;
            var (gradient, buffer, done) = (ArtifactNames.Gradient(name), ArtifactNames.Buffer(name), ArtifactNames.Done(name));
            graph.Inputs.Add(new OnnxValueInfo(buffer, OnnxType.Float, [.. tunable.Tensors[i].Shape.Select(d => (Dim)d)]));
            graph.Outputs.Add(new OnnxValueInfo(done, OnnxType.Bool, [1]));
            graph.Nodes.Add(new OnnxNode("Identity", [gradients[name]], [gradient], gradient));
            graph.Nodes.Add(new OnnxNode(Accumulator, [buffer, gradient, ArtifactNames.LazyResetGrad], [done], $"GradientAccumulator{i}", Domain));
        }
        graph.Inputs.Add(new OnnxValueInfo(ArtifactNames.LazyResetGrad, OnnxType.Bool, [1]));
        return model;
    }

    /// <summary>What the caller feeds first, then the parameters: the order the runtime hands both over in.</summary>
    static void OrderInputs(OnnxModel model, TunableGraph tunable)
    {
        var names = tunable.Tensors.Select(t => t.Name).ToHashSet();
        if (names.FirstOrDefault(ArtifactNames.IsReserved) is { } reserved)
            throw new OrtPeftException($"The tensor '{reserved}' cannot be trained by ONNX Runtime training: it reserves names that end in _grad.");
        var inputs = model.Graph.Inputs.OrderBy(i => names.Contains(i.Name)).ToArray();
        model.Graph.Inputs.Clear();
        model.Graph.Inputs.AddRange(inputs);
    }

    /// <summary>
    /// Dropout masks, which the graph engine feeds in, are drawn in the graph: keep where a uniform number is at least the rate. (The operator
    /// Dropout over a constant might be folded into one mask for ever; random operators never are.)
    /// </summary>
    static void DrawNoise(GraphBuilder g, IEnumerable<NoiseInput> noise)
    {
        var graph = g.Model.Graph;
        foreach (var mask in noise)
        {
            graph.Inputs.RemoveAll(i => i.Name == mask.Name);
            var before = graph.Nodes.Count;
            var batch = g.DimOf(HeadGraph.FeaturesInput, 0);
            var shape = g.Concat(0, [.. mask.Shape.Select(d => d == 0 ? batch : g.Vector(d))]);
            var uniform = g.Node("RandomUniformLike", [g.Zeros(shape, HeadGraph.FeaturesInput)]);
            var kept = g.Not(g.Less(uniform, g.Constant(mask.Rate)));
            graph.Nodes.Add(new OnnxNode("Identity", [kept], [mask.Name], mask.Name));
            var drawn = graph.Nodes.GetRange(before, graph.Nodes.Count - before);
            graph.Nodes.RemoveRange(before, drawn.Count);
            graph.Nodes.InsertRange(0, drawn);
        }
    }

    /// <summary>
    /// The training model for a runtime without the training operators: the gradients are outputs, under the names that
    /// <see cref="TrainingGraph.Gradient"/> gives; null when its backward pass needs those operators too.
    /// </summary>
    internal static OnnxModel? Stripped(OrtArtifacts artifacts)
    {
        var source = artifacts.TrainingModel.Graph;
        if (source.Nodes.Exists(n => !n.IsStandard && n.OpType != Accumulator && !InferenceOperators.Contains(n.Key)))
            return null;
        var trainable = artifacts.Trainable.Select(t => t.Name).ToArray();
        var accumulators = source.Nodes.Where(n => n.OpType == Accumulator).ToDictionary(n => n.Input(0));
        if (trainable.Any(t => !accumulators.ContainsKey(ArtifactNames.Buffer(t))))
            return null;
        var model = artifacts.TrainingModel.Copy();
        var graph = model.Graph;
        graph.Nodes.RemoveAll(n => n.OpType == Accumulator);
        graph.Inputs.RemoveAll(i => ArtifactNames.IsReserved(i.Name));
        graph.Outputs.RemoveAll(o => ArtifactNames.IsReserved(o.Name));
        foreach (var name in trainable)
        {
            var info = artifacts.TrainingModel.Graph.Inputs.Find(i => i.Name == name)!;
            graph.Nodes.Add(new OnnxNode("Identity", [accumulators[ArtifactNames.Buffer(name)].Input(1)], [TrainingGraph.Gradient(name)]));
            graph.Outputs.Add(new OnnxValueInfo(TrainingGraph.Gradient(name), OnnxType.Float, info.Shape));
        }
        return model;
    }

    /// <summary>Operators of com.microsoft that every ONNX Runtime has.</summary>
    static readonly HashSet<string> InferenceOperators =
        ["com.microsoft.Gelu", "com.microsoft.FastGelu", "com.microsoft.BiasGelu", "com.microsoft.QuickGelu", "com.microsoft.FusedMatMul"];
}
