using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The optimizer that an optimizer model holds: what it writes, and what it means.</summary>
public sealed record ArtifactOptimizer
{
    const string AdamWNode = "com.microsoft.AdamWOptimizer", SgdNode = "com.microsoft.SGDOptimizerV2", ClipNode = "com.microsoft.InplaceClipGradNorm";
    const string LearningRate = "learning_rate", Step = "step", Parameters = "params", Gradients = "gradients", First = "first_order_moments", Second = "second_order_moments";

    /// <summary>Whether it is AdamW; else plain gradient descent, which has no settings.</summary>
    public bool IsAdamW { get; init; } = true;

    /// <summary>Decay of the first moment.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay.</summary>
    public float WeightDecay { get; init; } = 0.01f;

    /// <summary>Whether the moments are corrected for their start at zero.</summary>
    public bool CorrectBias { get; init; } = true;

    /// <summary>
    /// 0 as PyTorch: decays before the step, epsilon beside the corrected second moment. 1 as Hugging Face, and what the Python generator writes:
    /// decays after the step, epsilon beside the moment as it is.
    /// </summary>
    public int Mode { get; init; }

    /// <summary>Largest norm of all gradients together; 0 clips nothing.</summary>
    public float Clip { get; init; }

    /// <summary>Moments kept for each parameter, as the checkpoint calls them.</summary>
    internal IReadOnlyList<string> Moments => IsAdamW ? ["momentum0", "momentum1"] : [];

    /// <summary>The optimizer of a training.</summary>
    /// <exception cref="OrtPeftException">ONNX Runtime training has no such optimizer.</exception>
    internal static ArtifactOptimizer Of(TrainingOptions options)
    {
        if (options.Optimizer is not ("adamw" or "sgd"))
            throw new OrtPeftException($"ONNX Runtime training has no optimizer '{options.Optimizer}'; expected adamw or sgd.");
        if (options is { Optimizer: "sgd", WeightDecay: > 0 })
            throw new OrtPeftException($"ONNX Runtime training's sgd has no weight decay; it is {options.WeightDecay}. Add --weight-decay 0, or take adamw.");
        return new ArtifactOptimizer
        {
            IsAdamW = options.Optimizer == "adamw",
            Beta1 = (float)AdamW.Beta1,
            Beta2 = (float)AdamW.Beta2,
            Epsilon = (float)AdamW.Epsilon,
            WeightDecay = (float)(options.WeightDecay ?? 0),
            Clip = (float)options.Clip,
        };
    }

    /// <summary>Training options that say what this optimizer does.</summary>
    internal TrainingOptions In(TrainingOptions options) =>
        options with { Optimizer = IsAdamW ? "adamw" : "sgd", WeightDecay = (double)(decimal)WeightDecay, Clip = (double)(decimal)Clip };

    /// <summary>Writes the optimizer model.</summary>
    /// <param name="opset">The standard operator set to declare.</param>
    internal OnnxModel ToModel(int opset)
    {
        var model = new OnnxModel { IrVersion = 8 };
        model.OpsetImports[""] = opset;
        model.OpsetImports["com.microsoft"] = 1;
        var graph = model.Graph;
        graph.Name = "optimizer";
        graph.Inputs.Add(new OnnxValueInfo(LearningRate, OnnxType.Float, [1]));
        graph.Inputs.Add(new OnnxValueInfo(Step, OnnxType.Int64, [1]));
        foreach (var sequence in IsAdamW ? [Parameters, Gradients, First, Second] : new[] { Parameters, Gradients, First })
            graph.Inputs.Add(new OnnxValueInfo(sequence, OnnxType.Undefined, null) { RawType = [.. FloatSequence] });
        var gradients = Gradients;
        if (Clip > 0)
        {
            gradients = "clipped_gradients";
            graph.Nodes.Add(Node(ClipNode, [Gradients], gradients, new OnnxAttribute("max_norm", Clip)));
        }
        graph.Nodes.Add(IsAdamW
            ? Node(AdamWNode, [LearningRate, Step, Parameters, gradients, First, Second], "updated",
                new OnnxAttribute("adam_mode", Mode), new OnnxAttribute("alpha", Beta1), new OnnxAttribute("beta", Beta2),
                new OnnxAttribute("correct_bias", CorrectBias ? 1 : 0), new OnnxAttribute("epsilon", Epsilon), new OnnxAttribute("weight_decay", WeightDecay))
            : Node(SgdNode, [LearningRate, Parameters, gradients], "updated"));
        // Their declared shapes differ in the operators' own schemas; both accept none.
        graph.Outputs.Add(new OnnxValueInfo("updated", OnnxType.Bool, IsAdamW ? [1] : null));
        return model;
    }

    /// <summary>Reads an optimizer model.</summary>
    /// <exception cref="OrtPeftException">It holds something else than clipping and one of the two optimizers.</exception>
    internal static ArtifactOptimizer Read(OnnxModel model)
    {
        var nodes = model.Graph.Nodes;
        if (model.Graph.Outputs is not [{ ElementType: OnnxType.Bool }, ..])
            throw new OrtPeftException($"the first output of {ArtifactNames.OptimizerModel} must be bool, as in ONNX Runtime 1.16 and later.");
        var optimizer = nodes.FindAll(n => n.Key is AdamWNode or SgdNode) is [var only]
            ? only
            : throw new OrtPeftException($"{ArtifactNames.OptimizerModel} must hold exactly one AdamWOptimizer or SGDOptimizerV2.");
        var adamW = optimizer.Key == AdamWNode;
        string[] names = adamW ? [LearningRate, Step, Parameters, Gradients, First, Second] : [LearningRate, Step, Parameters, Gradients, First];
        if (!model.Graph.Inputs.Select(i => i.Name).SequenceEqual(names))
        {
            throw new OrtPeftException($"the inputs of {ArtifactNames.OptimizerModel} are {string.Join(", ", model.Graph.Inputs.Select(i => i.Name))}; " +
                $"expected {string.Join(", ", names)} in this order.");
        }
        var clip = nodes.Find(n => n.Key == ClipNode && n.Input(0) == Gradients);
        var gradients = clip?.Output(0) ?? Gradients;
        string[] reads = adamW ? [LearningRate, Step, Parameters, gradients, First, Second] : [LearningRate, Parameters, gradients];
        if (nodes.Find(n => n != optimizer && n != clip) is { } other)
            throw new OrtPeftException($"{ArtifactNames.OptimizerModel} has the operator {other}, which this version does not understand; expected one optimizer, and InplaceClipGradNorm before it.");
        if (!optimizer.Inputs.Where(i => i.Length > 0).SequenceEqual(reads))
            throw new OrtPeftException($"{optimizer} in {ArtifactNames.OptimizerModel} reads {string.Join(", ", optimizer.Inputs)}; expected {string.Join(", ", reads)}.");
        if (clip is not null && clip.Text("norm_type", "fro") != "fro")
            throw new OrtPeftException($"{clip} in {ArtifactNames.OptimizerModel} clips by the norm '{clip.Text("norm_type", "fro")}'; expected 'fro'.");
        return new ArtifactOptimizer
        {
            IsAdamW = adamW,
            Beta1 = optimizer.Float("alpha", 0.9f),
            Beta2 = optimizer.Float("beta", 0.999f),
            Epsilon = optimizer.Float("epsilon", 1e-8f),
            WeightDecay = adamW ? optimizer.Float("weight_decay", 0.01f) : 0,
            CorrectBias = optimizer.Int("correct_bias", 1) != 0,
            Mode = optimizer.Int("adam_mode", 0) switch
            {
                0 => 0,
                1 => 1,
                var mode => throw new OrtPeftException($"{optimizer}: adam_mode is {mode}; expected 0 or 1."),
            },
            Clip = clip?.Float("max_norm", 1) ?? 0,
        };
    }

    static OnnxNode Node(string key, string[] inputs, string output, params OnnxAttribute[] attributes)
    {
        var dot = key.LastIndexOf('.');
        var node = new OnnxNode(key[(dot + 1)..], inputs, [output], key[(dot + 1)..], key[..dot]);
        node.Attributes.AddRange(attributes);
        return node;
    }

    /// <summary>TypeProto: sequence_type { elem_type { tensor_type { elem_type: FLOAT } } }, without a shape.</summary>
    static ReadOnlySpan<byte> FloatSequence => [0x22, 0x06, 0x0A, 0x04, 0x0A, 0x02, 0x08, 0x01];
}
