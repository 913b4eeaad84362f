namespace OrtPeft.Graphs;

/// <summary>How GELU is written.</summary>
public enum GeluForm
{
    /// <summary>The standard operator from opset 20 on, before that five small operators.</summary>
    Standard,
    /// <summary>One operator always: the standard one, or ONNX Runtime's own (<c>com.microsoft.Gelu</c>), which is as fast.</summary>
    Fused,
}

/// <summary>Reductions, softmax, normalisation and activations.</summary>
public abstract partial class GraphOperators
{
    /// <summary>The sum along axes; without axes, of everything.</summary>
    public string ReduceSum(string x, long[]? axes = null, bool keepDims = true) => Reduce("ReduceSum", 13, x, axes, keepDims);

    /// <summary>The sum along one axis, which stays as length 1.</summary>
    public string ReduceSum(string x, long axis) => ReduceSum(x, [axis]);

    /// <summary>The mean along axes; without axes, of everything.</summary>
    public string ReduceMean(string x, long[]? axes = null, bool keepDims = true) => Reduce("ReduceMean", 18, x, axes, keepDims);

    /// <summary>The mean along one axis, which stays as length 1.</summary>
    public string ReduceMean(string x, long axis) => ReduceMean(x, [axis]);

    /// <summary>The largest element along axes; without axes, of everything.</summary>
    public string ReduceMax(string x, long[]? axes = null, bool keepDims = true) => Reduce("ReduceMax", 18, x, axes, keepDims);

    /// <summary>The softmax along one axis.</summary>
    public string Softmax(string x, long axis = -1) => AlongAxis("Softmax", x, axis);

    /// <summary>The logarithm of the softmax along one axis.</summary>
    public string LogSoftmax(string x, long axis = -1) => AlongAxis("LogSoftmax", x, axis);

    /// <summary>Normalises the last dimension to mean 0 and variance 1, then scales and shifts; spelled out below opset 17.</summary>
    public string LayerNormalization(string x, string scale, string? bias = null, float epsilon = 1e-5f)
    {
        if (Opset >= 17)
        {
            return Node("LayerNormalization", bias is null ? [x, scale] : [x, scale, bias],
                new OnnxAttribute("axis", -1), new OnnxAttribute("epsilon", epsilon));
        }
        var centered = Sub(x, ReduceMean(x, -1));
        var deviation = Sqrt(Add(ReduceMean(Mul(centered, centered), -1), epsilon));
        var scaled = Mul(Div(centered, deviation), scale);
        return bias is null ? scaled : Add(scaled, bias);
    }

    /// <summary>x * Phi(x) with the exact normal distribution (erf).</summary>
    public string Gelu(string x, GeluForm form = GeluForm.Standard)
    {
        if (Opset >= 20)
            return Node("Gelu", [x]);
        if (form == GeluForm.Fused)
            return Node("com.microsoft.Gelu", [x]);
        return Mul(Mul(x, 0.5), Add(Erf(Mul(x, Math.Sqrt(0.5))), 1));
    }

    /// <summary>The index of the largest element along an axis.</summary>
    public string ArgMax(string x, long axis, bool keepDims = false) =>
        Node("ArgMax", [x], new OnnxAttribute("axis", axis), new OnnxAttribute("keepdims", keepDims ? 1 : 0));

    string Reduce(string opType, int asInputSince, string x, long[]? axes, bool keepDims)
    {
        if (axes is [])
            return x;
        var keep = new OnnxAttribute("keepdims", keepDims ? 1 : 0);
        return axes is null ? Node(opType, [x], keep) : WithAxes(opType, asInputSince, x, axes, keep);
    }

    /// <summary>Before opset 13 softmax flattened everything from its axis on, which is the same only for the last axis.</summary>
    string AlongAxis(string opType, string x, long axis)
    {
        if (Opset >= 13)
            return Node(opType, [x], new OnnxAttribute("axis", axis));
        var rank = RankOf(x);
        var at = axis < 0 ? axis + rank : axis;
        var order = Enumerable.Range(0, rank).Select(i => (long)i).ToArray();
        (order[at], order[^1]) = (order[^1], order[at]);
        return Transpose(Node(opType, [Transpose(x, order)], new OnnxAttribute("axis", rank - 1)), order);
    }
}
