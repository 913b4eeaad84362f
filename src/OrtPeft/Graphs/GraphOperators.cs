namespace OrtPeft.Graphs;

/// <summary>
/// The operators as methods. Each takes tensor names, appends nodes and returns the name of the result; where operator sets differ
/// (axes as attribute or input, operators that came later) the form that fits <see cref="Opset"/> is written.
/// </summary>
public abstract partial class GraphOperators
{
    /// <summary>The standard operator set that is written for.</summary>
    public abstract int Opset { get; }

    /// <summary>
    /// Appends a node with several outputs; returns their names. An operator of another domain has the domain in front:
    /// <c>com.microsoft.Gelu</c>.
    /// </summary>
    public abstract string[] Nodes(string opType, int outputs, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes);

    /// <summary>A constant; equal small ones are shared.</summary>
    public abstract string Constant(OnnxTensor tensor);

    /// <summary>Type and shape of a tensor.</summary>
    /// <exception cref="OnnxException">Nothing is known about it.</exception>
    public abstract OnnxValueInfo Info(string tensor);

    /// <summary>Appends a node with one output; returns its name.</summary>
    public string Node(string opType, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes) => Nodes(opType, 1, inputs, attributes)[0];

    /// <summary>The element type of a tensor.</summary>
    public OnnxType TypeOf(string tensor) => Info(tensor).ElementType;

    /// <summary>The shape of a tensor.</summary>
    /// <exception cref="OnnxException">Its rank is not known.</exception>
    public IReadOnlyList<Dim> ShapeOf(string tensor) =>
        Info(tensor).Shape ?? throw new OnnxException($"The rank of '{tensor}' is not known.");

    /// <summary>The number of dimensions of a tensor.</summary>
    public int RankOf(string tensor) => ShapeOf(tensor).Count;

    /// <summary>A scalar float.</summary>
    public string Constant(float value) => Constant(OnnxTensor.FromFloats("", [value]));

    /// <summary>A scalar int64.</summary>
    public string Constant(long value) => Constant(OnnxTensor.FromInt64s("", [value]));

    /// <summary>A float tensor.</summary>
    public string Constant(ReadOnlySpan<float> values, params long[] dims) => Constant(OnnxTensor.FromFloats("", values, dims));

    /// <summary>An int64 tensor.</summary>
    public string Constant(ReadOnlySpan<long> values, params long[] dims) => Constant(OnnxTensor.FromInt64s("", values, dims));

    /// <summary>A scalar of the element type of <paramref name="like"/>.</summary>
    public string Scalar(double value, string like) => Constant(Constants.Of("", TypeOf(like), [value]));

    /// <summary>A vector of int64.</summary>
    public string Vector(params long[] values) => Constant(values, values.Length);

    /// <summary>a + b.</summary>
    public string Add(string a, string b) => Node("Add", [a, b]);

    /// <summary>a - b.</summary>
    public string Sub(string a, string b) => Node("Sub", [a, b]);

    /// <summary>a * b.</summary>
    public string Mul(string a, string b) => Node("Mul", [a, b]);

    /// <summary>a * constant.</summary>
    public string Mul(string a, double b) => Mul(a, Scalar(b, a));

    /// <summary>a + constant.</summary>
    public string Add(string a, double b) => Add(a, Scalar(b, a));

    /// <summary>a / b.</summary>
    public string Div(string a, string b) => Node("Div", [a, b]);

    /// <summary>a to the power of b.</summary>
    public string Pow(string a, string b) => Node("Pow", [a, b]);

    /// <summary>-x.</summary>
    public string Neg(string x) => Node("Neg", [x]);

    /// <summary>The square root.</summary>
    public string Sqrt(string x) => Node("Sqrt", [x]);

    /// <summary>1 / x.</summary>
    public string Reciprocal(string x) => Node("Reciprocal", [x]);

    /// <summary>e to the power of x.</summary>
    public string Exp(string x) => Node("Exp", [x]);

    /// <summary>The natural logarithm.</summary>
    public string Log(string x) => Node("Log", [x]);

    /// <summary>The absolute value.</summary>
    public string Abs(string x) => Node("Abs", [x]);

    /// <summary>-1, 0 or 1.</summary>
    public string Sign(string x) => Node("Sign", [x]);

    /// <summary>The sine.</summary>
    public string Sin(string x) => Node("Sin", [x]);

    /// <summary>The cosine.</summary>
    public string Cos(string x) => Node("Cos", [x]);

    /// <summary>The hyperbolic tangent.</summary>
    public string Tanh(string x) => Node("Tanh", [x]);

    /// <summary>The error function.</summary>
    public string Erf(string x) => Node("Erf", [x]);

    /// <summary>1 / (1 + e^-x).</summary>
    public string Sigmoid(string x) => Node("Sigmoid", [x]);

    /// <summary>max(x, 0).</summary>
    public string Relu(string x) => Node("Relu", [x]);

    /// <summary>The larger one, element by element.</summary>
    public string Max(string a, string b) => Node("Max", [a, b]);

    /// <summary>The smaller one, element by element.</summary>
    public string Min(string a, string b) => Node("Min", [a, b]);

    /// <summary>The sum of several tensors.</summary>
    public string Sum(IReadOnlyList<string> terms) => terms.Count switch
    {
        1 => terms[0],
        2 => Add(terms[0], terms[1]),
        _ => Node("Sum", terms),
    };

    /// <summary>Whether a equals b, as bool.</summary>
    public string Equal(string a, string b) => Node("Equal", [a, b]);

    /// <summary>Whether a is greater than b, as bool.</summary>
    public string Greater(string a, string b) => Node("Greater", [a, b]);

    /// <summary>Whether a is less than b, as bool.</summary>
    public string Less(string a, string b) => Node("Less", [a, b]);

    /// <summary>Logical not.</summary>
    public string Not(string x) => Node("Not", [x]);

    /// <summary>Logical and.</summary>
    public string And(string a, string b) => Node("And", [a, b]);

    /// <summary>Logical or.</summary>
    public string Or(string a, string b) => Node("Or", [a, b]);

    /// <summary>a where the condition holds, elsewhere b.</summary>
    public string Where(string condition, string a, string b) => Node("Where", [condition, a, b]);

    /// <summary>The same values in another type; nothing is added when the type is the same.</summary>
    public string Cast(string x, OnnxType type) => TypeOf(x) == type ? x : Node("Cast", [x], new OnnxAttribute("to", (long)type));

    /// <summary>x under another name.</summary>
    public string Identity(string x) => Node("Identity", [x]);

    /// <summary>The matrix product, with numpy's broadcasting.</summary>
    public string MatMul(string a, string b) => Node("MatMul", [a, b]);

    /// <summary>alpha * A * B (+ C), either factor transposed if wanted; matrices only.</summary>
    public string Gemm(string a, string b, string? c = null, bool transA = false, bool transB = false, float alpha = 1)
    {
        var attributes = new List<OnnxAttribute>();
        if (transA)
            attributes.Add(new OnnxAttribute("transA", 1));
        if (transB)
            attributes.Add(new OnnxAttribute("transB", 1));
        if (alpha != 1)
            attributes.Add(new OnnxAttribute("alpha", alpha));
        return Node("Gemm", c is null ? [a, b] : [a, b, c], [.. attributes]);
    }
}
