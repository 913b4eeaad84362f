namespace OrtPeft.Graphs;

/// <summary>Replaces calls of functions defined inside a model by the functions' bodies, also calls from within functions.</summary>
sealed class FunctionInliner
{
    /// <summary>Nodes a small file may grow to: functions that call functions can grow without bound.</summary>
    const long FreeNodes = 20_000;

    readonly Dictionary<string, OnnxFunction> _functions = [];
    readonly HashSet<string> _names;
    readonly string _model;
    readonly Stack<OnnxFunction> _calls = [];
    long _nodesLeft;
    int _counter;

    FunctionInliner(OnnxModel model, List<OnnxFunction> functions, long fileLength, string name)
    {
        _model = name;
        _nodesLeft = FreeNodes + fileLength / 16;
        _names = GraphNames.All(model.Graph);
        foreach (var function in functions)
        {
            if (!_functions.TryAdd(Key(function.Domain, function.Name, function.Overload), function))
                throw new OnnxException($"'{name}' is no valid ONNX model: it defines the function '{function.Domain}.{function.Name}' twice.");
        }
    }

    internal static void Inline(OnnxModel model, List<OnnxFunction> functions, long fileLength, string name)
    {
        if (functions.Count == 0)
            return;
        new FunctionInliner(model, functions, fileLength, name).Graph(model.Graph);
        foreach (var function in functions)
        {
            foreach (var (domain, version) in function.OpsetImports)
                model.OpsetImports.TryAdd(domain, version);
        }
    }

    void Graph(OnnxGraph graph)
    {
        var nodes = graph.Nodes.ToArray();
        graph.Nodes.Clear();
        foreach (var node in nodes)
            Append(node, graph.Nodes);
    }

    void Append(OnnxNode node, List<OnnxNode> nodes)
    {
        if (--_nodesLeft < 0)
            throw new OnnxException($"'{_model}' is refused: its functions expand to more nodes than a model of its size should have.");
        if (!_functions.TryGetValue(Key(node.Domain, node.OpType, node.Overload), out var function))
        {
            foreach (var body in node.Bodies)
                Graph(body);
            nodes.Add(node);
            return;
        }
        if (_calls.Contains(function))
            throw new OnnxException($"'{_model}' is no valid ONNX model: the function '{function.Domain}.{function.Name}' calls itself.");
        _calls.Push(function);
        var renamed = Arguments(node, function);
        foreach (var inner in function.Nodes)
            Append(new FunctionCall(node, function, renamed, NewName).Copy(inner), nodes);
        _calls.Pop();
    }

    static Dictionary<string, string> Arguments(OnnxNode call, OnnxFunction function)
    {
        var renamed = new Dictionary<string, string> { [""] = "" };
        for (var i = 0; i < function.Inputs.Count; i++)
            renamed[function.Inputs[i]] = call.Input(i);
        for (var i = 0; i < function.Outputs.Count; i++)
        {
            if (call.Output(i) is { Length: > 0 } output && !renamed.TryAdd(function.Outputs[i], output))
            {
                throw new OnnxException($"The function '{function.Domain}.{function.Name}' passes the input '{function.Outputs[i]}' "
                    + "straight to its output, which is not supported.");
            }
        }
        return renamed;
    }

    string NewName(string name)
    {
        string unique;
        do
            unique = $"{name}/{++_counter}";
        while (!_names.Add(unique));
        return unique;
    }

    static string Key(string domain, string name, string overload) => $"{(domain == "ai.onnx" ? "" : domain)}\n{name}\n{overload}";
}
