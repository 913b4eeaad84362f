namespace OrtPeft.Graphs;

/// <summary>
/// Lets a frozen float32 graph compute in half precision: operators of <see cref="Table"/> run in it, all others stay in float32, and conversions stand
/// between. Inputs, outputs and stored weights stay as they are: the runtime converts weights once, when it loads the model, so none pass through here.
/// </summary>
static class HalfPrecision
{
    enum Rule
    {
        /// <summary>Runs in half precision: its kernels add up in float32 where that matters.</summary>
        Half,

        /// <summary>Runs in half precision unless it reads what had to be computed exactly: the epsilon of a variance is lost in half precision.</summary>
        Elementwise,

        /// <summary>Squares and sums, too large or too small for half precision; it and the elementwise operators behind it stay in float32.</summary>
        Exact,
    }

    /// <param name="Rule">When it runs in half precision.</param>
    /// <param name="BFloat16Since">The operator set from which on it takes bfloat16; float16 is older than any model here.</param>
    readonly record struct Operator(Rule Rule, int BFloat16Since = BFloat16Opset);

    const int BFloat16Opset = 13;

    /// <summary>Elements up to which a constant is looked at for values that half precision cannot hold, such as the -3.4e38 of attention masks.</summary>
    const int SmallConstant = 4096;

    /// <summary>What is not in it is not touched.</summary>
    static readonly Dictionary<string, Operator> Table = new()
    {
        ["MatMul"] = new(Rule.Half),
        ["Gemm"] = new(Rule.Half),
        ["Einsum"] = new(Rule.Half),
        ["Conv"] = new(Rule.Half, 22),
        ["Softmax"] = new(Rule.Half),
        ["LayerNormalization"] = new(Rule.Half, 17),
        ["Gelu"] = new(Rule.Half, 20),
        ["Erf"] = new(Rule.Half),
        ["Tanh"] = new(Rule.Half),
        ["Sigmoid"] = new(Rule.Half),
        ["Relu"] = new(Rule.Half, 14),
        ["Transpose"] = new(Rule.Half),
        ["Reshape"] = new(Rule.Half),
        ["Squeeze"] = new(Rule.Half),
        ["Unsqueeze"] = new(Rule.Half),
        ["Flatten"] = new(Rule.Half),
        ["Concat"] = new(Rule.Half),
        ["Split"] = new(Rule.Half),
        ["Slice"] = new(Rule.Half),
        ["Expand"] = new(Rule.Half),
        ["Gather"] = new(Rule.Half),
        ["GatherElements"] = new(Rule.Half),
        ["Identity"] = new(Rule.Half),
        ["com.microsoft.Attention"] = new(Rule.Half),
        ["com.microsoft.MultiHeadAttention"] = new(Rule.Half),
        ["com.microsoft.EmbedLayerNormalization"] = new(Rule.Half, int.MaxValue),
        ["com.microsoft.SkipLayerNormalization"] = new(Rule.Half),
        ["com.microsoft.SimplifiedLayerNormalization"] = new(Rule.Half),
        ["com.microsoft.SkipSimplifiedLayerNormalization"] = new(Rule.Half),
        ["com.microsoft.RotaryEmbedding"] = new(Rule.Half),
        ["com.microsoft.FusedMatMul"] = new(Rule.Half),
        ["com.microsoft.Gelu"] = new(Rule.Half),
        ["com.microsoft.BiasGelu"] = new(Rule.Half),
        ["com.microsoft.FastGelu"] = new(Rule.Half),
        ["Add"] = new(Rule.Elementwise),
        ["Sub"] = new(Rule.Elementwise),
        ["Mul"] = new(Rule.Elementwise),
        ["Div"] = new(Rule.Elementwise),
        ["Neg"] = new(Rule.Elementwise),
        ["Where"] = new(Rule.Elementwise, 16),
        ["Pow"] = new(Rule.Exact),
        ["Sqrt"] = new(Rule.Exact),
        ["Reciprocal"] = new(Rule.Exact),
        ["Exp"] = new(Rule.Exact),
        ["ReduceMean"] = new(Rule.Exact),
        ["ReduceSum"] = new(Rule.Exact),
        ["ReduceL2"] = new(Rule.Exact),
    };

    /// <summary>Converts what can be converted of <paramref name="model"/>.</summary>
    /// <param name="model">The model, changed in place.</param>
    /// <param name="half">Float16, or bfloat16, which has the range of float32 and 8 bits of mantissa.</param>
    /// <exception cref="OrtPeftException">The model is quantized, and its sums of integers are too large for half precision; or too old for bfloat16.</exception>
    internal static void Apply(OnnxModel model, OnnxType half)
    {
        if (model.Graph.Nodes.Find(n => n.OpType.Contains("Quantize", StringComparison.Ordinal) || n.OpType.Contains("Integer", StringComparison.Ordinal) || n.OpType.StartsWith('Q')) is { } quantized)
            throw new OrtPeftException($"The model is quantized ({quantized}); it cannot run in {half.Text()}. Use frozen=fp32, or the model as it was before.");
        if (half == OnnxType.BFloat16 && model.Opset < BFloat16Opset)
            throw new OrtPeftException($"The model has opset {model.Opset}, which has no bfloat16; it came with {BFloat16Opset}. Use frozen=fp16, or export the model with a newer opset.");
        new Conversion(model, half).Run();
    }

    sealed class Conversion(OnnxModel model, OnnxType half)
    {
        readonly ShapeMap _types = ShapeInference.Infer(model);
        readonly Dictionary<string, string> _halves = [];
        readonly HashSet<string> _exact = [];
        readonly HashSet<string> _onlyHalf = [];
        readonly HashSet<string> _angles = Angles(model.Graph);
        readonly HashSet<string> _names = GraphNames.All(model.Graph);
        readonly List<OnnxNode> _nodes = [];

        internal void Run()
        {
            foreach (var node in model.Graph.Nodes)
            {
                var (rule, since) = Table.GetValueOrDefault(node.Key, new(Rule.Exact));
                var isExact = rule == Rule.Elementwise ? node.Inputs.Exists(_exact.Contains) : rule == Rule.Exact;
                if (isExact || (half == OnnxType.BFloat16 && model.Opset < since) || node.Outputs.Exists(_angles.Contains) || !node.Inputs.Exists(IsFloat) || !IsFloat(node.Output(0)))
                    Keep(node, isExact && Table.ContainsKey(node.Key));
                else
                    Convert(node);
            }
            foreach (var output in model.Graph.Outputs)
                NeedFloat(output.Name);
            model.Graph.Nodes.Clear();
            model.Graph.Nodes.AddRange(_nodes);
        }

        /// <summary>What sines and cosines are taken of, such as positions times frequencies, and all it is made of: half precision has no digits left for the angle.</summary>
        static HashSet<string> Angles(OnnxGraph graph)
        {
            var angles = new HashSet<string>();
            foreach (var node in Enumerable.Reverse(graph.Nodes).Where(n => n.OpType is "Sin" or "Cos" || n.Outputs.Exists(angles.Contains)))
                angles.UnionWith(node.Inputs.Where(i => i.Length > 0));
            return angles;
        }

        void Keep(OnnxNode node, bool isExact)
        {
            foreach (var tensor in node.Inputs.Concat(GraphNames.Captured(node)))
                NeedFloat(tensor);
            if (isExact)
                _exact.UnionWith(node.Outputs);
            _nodes.Add(node);
        }

        /// <summary>Of several outputs only the first is converted: the others of a normalization are float32 in any case, those of the rest alike are not.</summary>
        void Convert(OnnxNode node)
        {
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                if (IsFloat(node.Inputs[i]))
                    node.Inputs[i] = Half(node.Inputs[i]);
            }
            _nodes.Add(node);
            for (var i = 0; i < (node.OpType == "Split" ? node.Outputs.Count : 1); i++)
            {
                var output = node.Outputs[i];
                _onlyHalf.Add(output);
                node.Outputs[i] = _halves[output] = NewName(output);
            }
        }

        /// <summary>The name of a tensor in half precision, made where it is first read.</summary>
        string Half(string tensor)
        {
            if (_halves.TryGetValue(tensor, out var known))
                return known;
            var name = _halves[tensor] = NewName(tensor);
            if (half == OnnxType.Float16 && _types.Constant(tensor) is { ElementCount: <= SmallConstant } constant && Clamped(constant.ToFloats()) is { } values)
                model.Graph.Initializers.Add(Constants.Of(name, half, values, constant.Dims));
            else
                Cast(tensor, name, half);
            return name;
        }

        void NeedFloat(string tensor)
        {
            if (_onlyHalf.Remove(tensor))
                Cast(_halves[tensor], tensor, OnnxType.Float);
        }

        void Cast(string from, string to, OnnxType type)
        {
            var cast = new OnnxNode("Cast", [from], [to], $"{to}/cast");
            cast.Set(new OnnxAttribute("to", (long)type));
            _nodes.Add(cast);
        }

        bool IsFloat(string tensor) => tensor.Length > 0 && _types.TryGet(tensor, out var value) && value.ElementType == OnnxType.Float;

        string NewName(string tensor)
        {
            var name = $"{tensor}/{half.Text()}";
            while (!_names.Add(name))
                name += "_";
            return name;
        }

        /// <summary>Values within the range of float16, infinities left alone; null when they are that already.</summary>
        static double[]? Clamped(float[] values)
        {
            var largest = (double)System.Half.MaxValue;
            return Array.Exists(values, v => float.IsFinite(v) && Math.Abs(v) > largest)
                ? [.. values.Select(v => float.IsFinite(v) ? Math.Clamp(v, -largest, largest) : v)]
                : null;
        }
    }
}
