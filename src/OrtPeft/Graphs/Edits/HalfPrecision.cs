namespace OrtPeft.Graphs;

/// <summary>
/// Lets a frozen float32 graph compute in half precision as far as that keeps its values: products of matrices run in it, and of the operators between
/// them those whose operands come so; what sums up many numbers (normalizations, softmax, the sums that go past the layers) stays in float32, and
/// conversions stand between. Inputs, outputs and stored weights stay as they are: the runtime converts weights once, when it loads the model, so none
/// pass through here.
/// </summary>
static class HalfPrecision
{
    enum Rule
    {
        /// <summary>Runs in half precision wherever it stands.</summary>
        Product,

        /// <summary>Runs in half precision if all that it reads comes so; constants do not count.</summary>
        Follower,
    }

    /// <param name="Rule">When it runs in half precision.</param>
    /// <param name="BFloat16Since">The operator set from which on it takes bfloat16; float16 is older than any model here.</param>
    readonly record struct Operator(Rule Rule, int BFloat16Since = BFloat16Opset);

    const int BFloat16Opset = 13;

    /// <summary>Elements up to which a constant is looked at for values that half precision cannot hold, such as the -3.4e38 of attention masks.</summary>
    const int SmallConstant = 4096;

    /// <summary>What is not in it stays in float32.</summary>
    static readonly Dictionary<string, Operator> Table = new()
    {
        ["MatMul"] = new(Rule.Product),
        ["Gemm"] = new(Rule.Product),
        ["Conv"] = new(Rule.Product, 22),
        ["com.microsoft.FusedMatMul"] = new(Rule.Product),
        ["com.microsoft.Attention"] = new(Rule.Product),
        ["com.microsoft.MultiHeadAttention"] = new(Rule.Product),
        ["Add"] = new(Rule.Follower),
        ["Sub"] = new(Rule.Follower),
        ["Mul"] = new(Rule.Follower),
        ["Div"] = new(Rule.Follower),
        ["Neg"] = new(Rule.Follower),
        ["Where"] = new(Rule.Follower, 16),
        ["Gelu"] = new(Rule.Follower, 20),
        ["Erf"] = new(Rule.Follower),
        ["Tanh"] = new(Rule.Follower),
        ["Sigmoid"] = new(Rule.Follower),
        ["Relu"] = new(Rule.Follower, 14),
        ["com.microsoft.Gelu"] = new(Rule.Follower),
        ["com.microsoft.BiasGelu"] = new(Rule.Follower),
        ["com.microsoft.FastGelu"] = new(Rule.Follower),
        ["com.microsoft.RotaryEmbedding"] = new(Rule.Follower),
        ["Concat"] = new(Rule.Follower),
        ["Expand"] = new(Rule.Follower),
        ["Flatten"] = new(Rule.Follower),
        ["GatherElements"] = new(Rule.Follower),
        ["Gather"] = new(Rule.Follower),
        ["Identity"] = new(Rule.Follower),
        ["Reshape"] = new(Rule.Follower),
        ["Slice"] = new(Rule.Follower),
        ["Split"] = new(Rule.Follower),
        ["Squeeze"] = new(Rule.Follower),
        ["Transpose"] = new(Rule.Follower),
        ["Unsqueeze"] = new(Rule.Follower),
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
        readonly HashSet<string> _names = GraphNames.All(model.Graph);
        readonly HashSet<string> _angles = Angles(model.Graph);
        readonly List<OnnxNode> _nodes = [];

        /// <summary>Names in half precision of float32 tensors.</summary>
        readonly Dictionary<string, string> _halves = [];

        /// <summary>Tensors that were computed in half precision.</summary>
        readonly HashSet<string> _computed = [];

        /// <summary>Those of them that nobody needed in float32 so far.</summary>
        readonly HashSet<string> _onlyHalf = [];

        internal void Run()
        {
            foreach (var node in model.Graph.Nodes)
            {
                if (RunsInHalf(node))
                    Convert(node);
                else
                    Keep(node);
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

        bool RunsInHalf(OnnxNode node)
        {
            if (!Table.TryGetValue(node.Key, out var known) || (half == OnnxType.BFloat16 && model.Opset < known.BFloat16Since) || !IsFloat(node.Output(0)) || node.Outputs.Exists(_angles.Contains))
                return false;
            var computed = node.Inputs.Where(i => IsFloat(i) && _types.Constant(i) is null).ToArray();
            return known.Rule == Rule.Product || (computed.Length > 0 && computed.All(_computed.Contains));
        }

        void Keep(OnnxNode node)
        {
            foreach (var tensor in node.Inputs.Concat(GraphNames.Captured(node)))
                NeedFloat(tensor);
            _nodes.Add(node);
        }

        void Convert(OnnxNode node)
        {
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                if (IsFloat(node.Inputs[i]))
                    node.Inputs[i] = Half(node.Inputs[i]);
            }
            _nodes.Add(node);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                var output = node.Outputs[i];
                if (!IsFloat(output))
                    continue;
                _computed.Add(output);
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
