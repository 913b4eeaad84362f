using OrtPeft.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>
/// A random graph of 5 to 20 steps, reproducible by its seed. It is built twice side by side: once with known lengths, which decide what
/// fits what, and once with named dimensions, which is the one to differentiate.
/// </summary>
sealed class RandomGraph
{
    static readonly int[] Opsets = [11, 13, 15, 17, 18, 21];
    static readonly string[] Symbols = ["A", "B", "C", "D"];

    readonly Random _random;
    readonly GraphBuilder _known, _named;
    readonly List<string> _tensors = [];

    internal RandomGraph(int seed)
    {
        _random = new Random(seed);
        Opset = Opsets[_random.Next(Opsets.Length)];
        _known = new GraphBuilder(Opset);
        _named = new GraphBuilder(Opset);
        for (var i = _random.Next(2, 4); i > 0; i--)
            AddInput();
        for (var i = _random.Next(5, 21); i > 0; i--)
            Step();
        Loss = Finish();
    }

    internal int Opset { get; }

    internal GraphBuilder Graph => _named;

    internal string Loss { get; }

    /// <summary>The inputs with their lengths, which are the targets.</summary>
    internal Dictionary<string, long[]> Inputs { get; } = [];

    void AddInput()
    {
        var rank = _random.Next(1, 4);
        long[] shape = [.. Enumerable.Range(0, rank).Select(_ => (long)_random.Next(1, 5))];
        var name = $"input_{Inputs.Count}";
        _known.Input(name, OnnxType.Double, [.. shape.Select(Dim.Of)]);
        // The same length has the same name, some lengths are given as numbers.
        _named.Input(name, OnnxType.Double, [.. shape.Select(d => _random.Next(3) == 0 ? Dim.Of(d) : d == 1 ? Dim.Of(1) : Dim.Of(Symbols[d - 1]))]);
        Inputs.Add(name, shape);
        _tensors.Add(name);
    }

    void Step()
    {
        var x = Pick();
        var shape = Shape(x);
        var rank = shape.Length;
        var axis = rank == 0 ? 0 : _random.Next(rank);
        _tensors.Add(_random.Next(26) switch
        {
            0 => Both(g => g.Tanh(x)),
            1 => Both(g => g.Sigmoid(x)),
            2 => Both(g => g.Relu(x)),
            3 => Both(g => g.Exp(g.Tanh(x))),
            4 => Both(g => g.Log(g.Add(g.Mul(x, x), 1))),
            5 => Both(g => g.Sqrt(g.Add(g.Mul(x, x), 0.5))),
            6 => Both(g => g.Sin(x)),
            7 => Both(g => g.Abs(x)),
            8 => Both(g => g.Reciprocal(g.Add(g.Mul(x, x), 1))),
            9 => Combine((g, a, b) => g.Add(a, b)),
            10 => Combine((g, a, b) => g.Mul(a, b)),
            11 => Combine((g, a, b) => g.Sub(a, b)),
            12 => Combine((g, a, b) => g.Div(a, g.Add(g.Mul(b, b), 1))),
            13 => Combine((g, a, b) => g.Where(g.Greater(a, b), a, b)),
            14 => Combine((g, a, b) => g.Max(a, b)),
            15 when rank > 0 => Both(g => g.Softmax(x, axis)),
            16 when rank > 0 => Both(g => g.LogSoftmax(x, axis)),
            17 when rank > 0 => Both(g => g.ReduceSum(x, [axis], keepDims: axis % 2 == 0)),
            18 when rank > 0 => Both(g => g.ReduceMean(x, [axis], keepDims: axis % 2 == 1)),
            19 when rank > 0 => Both(g => g.ReduceMax(x, [axis], keepDims: true)),
            20 when rank > 1 => Transposed(x, rank),
            21 when rank > 0 => Gathered(x, shape, axis),
            22 when rank > 0 => Both(g => g.Slice(x, axis, shape[axis] > 2 ? 1 : 0, shape[axis] > 1 ? shape[axis] - 1 : long.MaxValue)),
            23 when rank > 0 => Both(g => g.Concat(axis, x, g.Mul(x, 0.5))),
            24 when rank > 1 => Product(x, shape),
            25 when rank > 0 => Both(g => g.LayerNormalization(x, g.Constant(Weights(shape[^1])))),
            _ => Both(g => g.Neg(x)),
        });
    }

    /// <summary>The sum of all tensors nobody reads, each weighed differently.</summary>
    string Finish()
    {
        var index = new GraphIndex(_known.Build().Graph);
        var ends = _tensors.Distinct().Where(t => index.Consumers(t).Count == 0 || Inputs.ContainsKey(t)).ToList();
        return Both(g => g.Sum([.. ends.Select((t, i) => g.ReduceSum(g.Sin(g.Add(t, 0.1 * (i + 1))), keepDims: false))]));
    }

    string Combine(Func<GraphBuilder, string, string, string> build)
    {
        var a = Pick();
        var fitting = _tensors.Where(b => Fits(Shape(a), Shape(b))).ToList();
        var b = fitting[_random.Next(fitting.Count)];
        return Both(g => build(g, a, b));
    }

    string Transposed(string x, int rank)
    {
        var order = Enumerable.Range(0, rank).Select(i => (long)i).ToArray();
        _random.Shuffle(order);
        return Both(g => g.Transpose(x, order));
    }

    string Gathered(string x, long[] shape, int axis)
    {
        long[] indices = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.NextInt64(-shape[axis], shape[axis]))];
        return Both(g => g.Gather(x, g.Vector(indices), axis));
    }

    string Product(string x, long[] shape)
    {
        var fitting = _tensors.Where(b => Shape(b) is { Length: > 0 } s && (s.Length == 1 ? s[0] : s[^2]) == shape[^1]
            && (s.Length < 3 || shape.Length < 3 || Fits(shape[..^2], s[..^2]))).ToList();
        if (fitting.Count == 0)
            return Both(g => g.MatMul(x, g.SwapLastTwo(x)));
        var b = fitting[_random.Next(fitting.Count)];
        return Both(g => g.Mul(g.MatMul(x, b), 0.3));
    }

    static OnnxTensor Weights(long count) =>
        OnnxTensor.FromBytes("", OnnxType.Double, System.Runtime.InteropServices.MemoryMarshal.AsBytes(
            Enumerable.Range(0, (int)count).Select(i => 1 + 0.2 * i).ToArray().AsSpan()).ToArray(), count);

    string Both(Func<GraphBuilder, string> build)
    {
        var known = build(_known);
        var named = build(_named);
        return known == named ? named : throw new InvalidOperationException($"{known} and {named} differ");
    }

    string Pick() => _tensors[_random.Next(_tensors.Count)];

    long[] Shape(string tensor) => [.. _known.ShapeOf(tensor).Select(d => d.Value)];

    static bool Fits(long[] a, long[] b) => a.Reverse().Zip(b.Reverse()).All(p => p.First == p.Second || p.First == 1 || p.Second == 1);
}
