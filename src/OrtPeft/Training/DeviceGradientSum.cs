using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The sum on the device where the gradients are, as graphs of standard operators; its norm comes out.</summary>
sealed class DeviceGradientSum : IGradientSum
{
    const string ShareInput = "share";
    const string NormOutput = "norm";

    readonly IReadOnlyList<TrainedTensor> _tensors;
    readonly ExecutionOptions _execution;
    readonly double _limit;
    readonly OrtValue _norm = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, []);
    readonly Dictionary<(OrtValue[] Term, bool IsLast), InPlaceGraph> _graphs = [];

    /// <param name="values">Where the sum is kept: the gradients of the first micro-batch, which it replaces.</param>
    /// <param name="tensors">What the gradients belong to.</param>
    /// <param name="clipValue">Largest entry of the sum; 0 for any.</param>
    /// <param name="execution">Provider and device.</param>
    internal DeviceGradientSum(OrtValue[] values, IReadOnlyList<TrainedTensor> tensors, double clipValue, ExecutionOptions execution)
    {
        Values = values;
        (_tensors, _limit, _execution) = (tensors, clipValue, execution);
    }

    /// <inheritdoc/>
    public OrtValue[] Values { get; }

    /// <inheritdoc/>
    public double Norm { get; private set; }

    /// <inheritdoc/>
    public void Add((OrtValue[] Gradients, float Share)[] terms, bool isLast)
    {
        for (var i = 0; i < terms.Length; i++)
            GraphFor(terms[i].Gradients, isLast && i == terms.Length - 1).Run(terms[i].Share);
        if (isLast)
            Norm = _norm.GetTensorDataAsSpan<float>()[0];
    }

    InPlaceGraph GraphFor(OrtValue[] term, bool isLast)
    {
        if (_graphs.TryGetValue((term, isLast), out var known))
            return known;
        var begins = term == Values;
        var graph = new InPlaceGraph(Build(_tensors, begins, isLast, _limit), _execution, ShareInput);
        for (var i = 0; i < _tensors.Count; i++)
        {
            graph.Read(TrainingGraph.Gradient(_tensors[i].Name), term[i]);
            if (!begins)
                graph.Read(_tensors[i].Name, Values[i]);
            graph.Write(OptimizerGraph.Next(_tensors[i].Name), Values[i]);
        }
        if (isLast)
            graph.Write(NormOutput, _norm);
        return _graphs[(term, isLast)] = graph;
    }

    /// <summary>sum' = share gradient, or sum + share gradient; of the last one each entry within the limit, and the norm.</summary>
    static OnnxModel Build(IReadOnlyList<TrainedTensor> tensors, bool begins, bool isLast, double limit)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "gradients");
        var share = g.Input(ShareInput, OnnxType.Float);
        var squares = new List<string>();
        foreach (var tensor in tensors)
        {
            Dim[] shape = [.. tensor.Shape.Select(d => (Dim)d)];
            var sum = g.Mul(g.Input(TrainingGraph.Gradient(tensor.Name), OnnxType.Float, shape), share);
            if (!begins)
                sum = g.Add(g.Input(tensor.Name, OnnxType.Float, shape), sum);
            if (isLast && limit > 0)
                sum = g.Max(g.Min(sum, g.Constant((float)limit)), g.Constant((float)-limit));
            squares.Add(g.ReduceSum(g.Mul(sum, sum), keepDims: false));
            g.Output(sum, OptimizerGraph.Next(tensor.Name));
        }
        if (isLast)
            g.Output(g.Sqrt(g.Sum(squares)), NormOutput);
        return g.Build();
    }

    public void Dispose()
    {
        foreach (var graph in _graphs.Values)
            graph.Dispose();
        _norm.Dispose();
    }
}
