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

    /// <summary>Elements up to which a constant is looked at for values that half precision cannot hold, such as the -3.4e38 of attention masks.</summary>
    const int SmallConstant = 4096;

    /// <summary>What is not in it is not touched.</summary>
    static readonly Dictionary<string, Rule> Table = new()
    {
        ["MatMul"] = Rule.Half,
        ["Gemm"] = Rule.Half,
        ["Einsum"] = Rule.Half,
        ["Conv"] = Rule.Half,
        ["Softmax"] = Rule.Half,
        ["LayerNormalization"] = Rule.Half,
        ["Gelu"] = Rule.Half,
        ["Erf"] = Rule.Half,
        ["Tanh"] = Rule.Half,
        ["Sigmoid"] = Rule.Half,
        ["Relu"] = Rule.Half,
        ["Transpose"] = Rule.Half,
        ["Reshape"] = Rule.Half,
        ["Squeeze"] = Rule.Half,
        ["Unsqueeze"] = Rule.Half,
        ["Flatten"] = Rule.Half,
        ["Concat"] = Rule.Half,
        ["Split"] = Rule.Half,
        ["Slice"] = Rule.Half,
        ["Expand"] = Rule.Half,
        ["Gather"] = Rule.Half,
        ["GatherElements"] = Rule.Half,
        ["Identity"] = Rule.Half,
        ["com.microsoft.Attention"] = Rule.Half,
        ["com.microsoft.MultiHeadAttention"] = Rule.Half,
        ["com.microsoft.EmbedLayerNormalization"] = Rule.Half,
        ["com.microsoft.SkipLayerNormalization"] = Rule.Half,
        ["com.microsoft.SimplifiedLayerNormalization"] = Rule.Half,
        ["com.microsoft.SkipSimplifiedLayerNormalization"] = Rule.Half,
        ["com.microsoft.RotaryEmbedding"] = Rule.Half,
        ["com.microsoft.FusedMatMul"] = Rule.Half,
        ["com.microsoft.Gelu"] = Rule.Half,
        ["com.microsoft.BiasGelu"] = Rule.Half,
        ["com.microsoft.FastGelu"] = Rule.Half,
        ["Add"] = Rule.Elementwise,
        ["Sub"] = Rule.Elementwise,
        ["Mul"] = Rule.Elementwise,
        ["Div"] = Rule.Elementwise,
        ["Neg"] = Rule.Elementwise,
        ["Where"] = Rule.Elementwise,
        ["Pow"] = Rule.Exact,
        ["Sqrt"] = Rule.Exact,
        ["Reciprocal"] = Rule.Exact,
        ["Exp"] = Rule.Exact,
        ["ReduceMean"] = Rule.Exact,
        ["ReduceSum"] = Rule.Exact,
        ["ReduceL2"] = Rule.Exact,
    };

    /// <summary>Converts what can be converted of <paramref name="model"/>.</summary>
    /// <param name="model">The model, changed in place.</param>
    /// <param name="half">Float16, or bfloat16, which has the range of float32 and 8 bits of mantissa.</param>
    /// <exception cref="OrtPeftException">The model is quantized: its sums of integers are too large for half precision.</exception>
    internal static void Apply(OnnxModel model, OnnxType half)
    {
        if (model.Graph.Nodes.Find(n => n.OpType.Contains("Quantize", StringComparison.Ordinal) || n.OpType.Contains("Integer", StringComparison.Ordinal) || n.OpType.StartsWith('Q')) is { } quantized)
            throw new OrtPeftException($"The model is quantized ({quantized}); it cannot run in {half.Text()}. Use precision=fp32, or the model as it was before.");
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
                var rule = Table.GetValueOrDefault(node.Key, Rule.Exact);
                var isExact = rule == Rule.Elementwise ? node.Inputs.Exists(_exact.Contains) : rule == Rule.Exact;
                if (isExact || node.Outputs.Exists(_angles.Contains) || !node.Inputs.Exists(IsFloat) || !IsFloat(node.Output(0)))
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
