using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The trained tensors of several tasks in one graph: each lies in a stack [tasks, ...], from which every row of a batch takes what belongs to its own
/// task, an input `task_id` [rows]. Tasks of other methods have values there that change nothing.
/// </summary>
sealed class TaskStacks
{
    internal const string TaskIdInput = "task_id";

    readonly GraphBuilder _graph;
    readonly string _backbone;
    readonly List<TaskStack> _all = [];
    readonly Dictionary<(OnnxNode Node, int Input), InPlaceStack> _inPlace = [];
    TaskGroup? _group;

    internal TaskStacks(GraphBuilder graph, Backbone backbone)
    {
        (_graph, _backbone) = (graph, backbone.Name);
        Declare(graph, backbone);
    }

    /// <summary>The input that names each row's task; there is one in a graph.</summary>
    internal static string Declare(GraphBuilder graph, Backbone backbone) => graph.Model.Graph.Inputs.Exists(i => i.Name == TaskIdInput)
        ? TaskIdInput
        : graph.Input(TaskIdInput, OnnxType.Int64, graph.ShapeOf(backbone.InputNames.First(i => graph.Model.Graph.Inputs.Exists(own => own.Name == i)))[0]);

    /// <summary>What follows belongs to the tasks of <paramref name="group"/>.</summary>
    internal void Begin(TaskGroup group) => _group = group;

    /// <summary>All stacks that were declared.</summary>
    internal IReadOnlyList<TaskStack> All => _all;

    /// <summary>The rows' own tensors: [rows, ...shape], of vectors [rows, 1, width], which fits hidden states [rows, sequence, width].</summary>
    internal string Rows(string name, float neutral, long[] shape)
    {
        var others = new float[shape.Aggregate(1L, (a, b) => a * b)];
        others.AsSpan().Fill(neutral);
        return Gather($"{_group!.Name}.{name}", name, shape, others, [_group.Options]);
    }

    /// <summary>A parameter of the backbone itself: other tasks keep its value. Groups that train the same parameter share one stack.</summary>
    internal void InPlace(string name, ParameterSite site)
    {
        if (!_inPlace.TryGetValue((site.Node, site.Input), out var stack))
            _inPlace.Add((site.Node, site.Input), stack = new InPlaceStack(name, site, []));
        stack.Groups.Add(_group!.Options);
    }

    /// <summary>Lets the backbone's nodes read the stacks of its own parameters. A scale comes before the bias of the same norm.</summary>
    internal void WriteInPlace()
    {
        foreach (var node in _inPlace.Values.GroupBy(s => s.Site.Node))
        {
            var output = node.Key.Output(0);
            foreach (var stack in node.OrderBy(s => s.Site.Input))
                Write(stack, output);
        }
        _inPlace.Clear();
    }

    void Write(InPlaceStack stack, string output)
    {
        var (node, input) = (stack.Site.Node, stack.Site.Input);
        if (stack.Site.Tensor.Dims.Length != 1 || _graph.RankOf(output) != 3)
            throw Unreachable(stack, $"is not a vector beside every token: {node}");
        var rows = _graph.Cast(Gather($"tasks.{stack.Name}", stack.Name, stack.Site.Tensor.Dims, stack.Site.Tensor.ToFloats(), stack.Groups), _graph.TypeOf(output));
        switch (node.OpType, input)
        {
            case ("Add" or "Mul", _):
                node.Inputs[input] = rows;
                break;
            // These take one vector for all rows: they normalise only, and the rows' own scale and bias come behind.
            case ("LayerNormalization" or "RMSNormalization" or "SimplifiedLayerNormalization", 1):
                node.Inputs[1] = Same(1, stack, output);
                Behind(output, "Mul", rows);
                break;
            case ("LayerNormalization", 2):
                node.Inputs[2] = Same(0, stack, output); // ONNX Runtime 1.29 crashes when it fuses a norm whose bias was left out
                Behind(output, "Add", rows);
                break;
            default:
                throw Unreachable(stack, $"is read by {node.OpType}, which takes one value for all rows");
        }
    }

    string Same(double value, InPlaceStack stack, string like) =>
        _graph.Constant(Constants.Of("", _graph.TypeOf(like), [.. Enumerable.Repeat(value, (int)stack.Site.Tensor.ElementCount)], stack.Site.Tensor.Dims));

    /// <summary>Puts an operator between <paramref name="tensor"/> and what writes it, so that everything that knows the tensor gets the result.</summary>
    void Behind(string tensor, string opType, string rows)
    {
        var nodes = _graph.Model.Graph.Nodes;
        var writer = nodes.Find(n => n.Outputs.Contains(tensor))!;
        var before = _graph.NewName(tensor);
        writer.Outputs[writer.Outputs.IndexOf(tensor)] = before;
        nodes.Add(new OnnxNode(opType, [before, rows], [tensor], before));
    }

    /// <summary>Declares a stack and takes each row's part of it.</summary>
    string Gather(string stack, string tensor, long[] shape, float[] others, IReadOnlyCollection<EncoderMethodOptions> groups)
    {
        long[] each = shape is [var width] ? [1, width] : shape;
        _all.Add(new TaskStack(stack, members => OnnxTensor.FromFloats(stack,
            [.. members.SelectMany(m => m.Group is { } group && groups.Contains(group) ? m.Tensor(tensor).Values : others)], [members.Count, .. each])));
        return _graph.Gather(_graph.Input(stack, OnnxType.Float, ["tasks", .. each.Select(d => (Dim)d)]), TaskIdInput);
    }

    SeveralTasksException Unreachable(InPlaceStack stack, string why) =>
        new($"{stack.Name} of '{_backbone}' {why}, so rows of several tasks cannot share a batch. Export the backbone without optimizations, or merge adapters of another method.");

    sealed record InPlaceStack(string Name, ParameterSite Site, HashSet<EncoderMethodOptions> Groups);
}
