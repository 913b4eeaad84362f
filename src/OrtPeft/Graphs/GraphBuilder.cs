namespace OrtPeft.Graphs;

/// <summary>
/// Builds a graph in code, or adds to an existing one. Every operator method appends one or a few nodes and returns the name of the
/// tensor it writes; names are made unique, and type and shape of every tensor are known at once, so a mistake shows where it is made.
/// </summary>
public sealed class GraphBuilder : GraphOperators
{
    readonly OnnxModel _model;
    readonly ShapeMap _shapes;
    readonly HashSet<string> _names;
    readonly Dictionary<string, string> _constants = [];
    readonly Dictionary<string, int> _counters = [];
    int? _insertAt;

    /// <summary>Starts an empty graph.</summary>
    /// <param name="opset">The standard operator set to write for.</param>
    /// <param name="name">The graph's name.</param>
    public GraphBuilder(int opset = 17, string name = "graph")
    {
        _model = new OnnxModel { IrVersion = IrVersionFor(opset) };
        _model.OpsetImports[""] = opset;
        _model.Graph.Name = name;
        _shapes = new ShapeMap(opset);
        _names = [];
    }

    GraphBuilder(OnnxModel model)
    {
        _model = model;
        // Before version 4 every initializer had to be an input too.
        model.IrVersion = Math.Max(model.IrVersion, 4);
        _shapes = ShapeInference.Infer(model);
        _names = GraphNames.All(model.Graph);
    }

    /// <summary>Continues an existing model; nodes are appended to its graph.</summary>
    public static GraphBuilder Edit(OnnxModel model) => new(model);

    /// <inheritdoc/>
    public override int Opset => _model.Opset;

    /// <summary>The model as built so far.</summary>
    internal OnnxModel Model => _model;

    internal ShapeMap Shapes => _shapes;

    /// <summary>Declares a graph input; dimensions are numbers or names.</summary>
    public string Input(string name, OnnxType type, params Dim[] shape)
    {
        Claim(name);
        _model.Graph.Inputs.Add(new OnnxValueInfo(name, type, shape));
        _shapes.Add(name, type, shape);
        return name;
    }

    /// <summary>Adds a constant tensor under its own name.</summary>
    public string Initializer(OnnxTensor tensor)
    {
        Claim(tensor.Name);
        _model.Graph.Initializers.Add(tensor);
        _shapes.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Declares a graph output, under another name if one is given.</summary>
    public string Output(string tensor, string? asName = null)
    {
        if (asName is not null && asName != tensor)
        {
            Claim(asName);
            var identity = new OnnxNode("Identity", [tensor], [asName]);
            _model.Graph.Nodes.Add(identity);
            ShapeInference.Infer(identity, _shapes);
            tensor = asName;
        }
        var info = Info(tensor);
        _model.Graph.Outputs.Add(new OnnxValueInfo(tensor, info.ElementType, info.Shape));
        return tensor;
    }

    /// <summary>
    /// Adds another model's nodes and constants, whose inputs read tensors of this graph. Its outputs become no outputs of the whole.
    /// </summary>
    /// <returns>The new names of its tensors.</returns>
    /// <exception cref="OnnxException">The operator sets differ, or an input is not connected.</exception>
    internal IReadOnlyDictionary<string, string> Append(OnnxModel model, IReadOnlyDictionary<string, string> connections)
    {
        if (model.Graph.Inputs.Find(i => !connections.ContainsKey(i.Name)) is { } open)
            throw new OnnxException($"The input {open} is not connected.");
        var graph = _model.Graph;
        var (nodes, initializers, outputs, values) = (graph.Nodes.Count, graph.Initializers.Count, graph.Outputs.Count, graph.ValueInfos.Count);
        var names = GraphMerge.Append(_model, model, connections);
        graph.Outputs.RemoveRange(outputs, graph.Outputs.Count - outputs);
        graph.ValueInfos.RemoveRange(values, graph.ValueInfos.Count - values);
        _names.UnionWith(names.Values);
        foreach (var tensor in graph.Initializers.Skip(initializers))
            _shapes.Add(tensor);
        foreach (var node in graph.Nodes.Skip(nodes))
            ShapeInference.Infer(node, _shapes);
        return names;
    }

    /// <summary>The model with everything added so far.</summary>
    public OnnxModel Build() => _model;

    /// <inheritdoc/>
    public override OnnxValueInfo Info(string tensor) => _shapes[tensor];

    /// <inheritdoc/>
    public override string[] Nodes(string opType, int outputs, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes)
    {
        var (domain, op) = opType.LastIndexOf('.') is >= 0 and var dot ? (opType[..dot], opType[(dot + 1)..]) : ("", opType);
        if (domain.Length > 0)
            _model.OpsetImports.TryAdd(domain, 1);
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => NewName(op))];
        var node = new OnnxNode(op, inputs, names, names[0], domain);
        node.Attributes.AddRange(attributes);
        ShapeInference.Infer(node, _shapes);
        if (_insertAt is { } at)
            _model.Graph.Nodes.Insert((_insertAt = at + 1).Value - 1, node);
        else
            _model.Graph.Nodes.Add(node);
        return names;
    }

    /// <summary>x, which is a constant to gradients. An ordinary Identity to every runtime; its node's name says what it is.</summary>
    public string StopGradient(string x)
    {
        var result = Identity(x);
        _model.Graph.Nodes.FindLast(n => n.Outputs.Contains(result))!.Name = OnnxNode.StopGradientName + result;
        return result;
    }

    /// <inheritdoc/>
    public override string Constant(OnnxTensor tensor)
    {
        // Equal small constants are one initializer.
        var key = tensor.ByteLength <= 64 ? $"{tensor} {Convert.ToHexString(tensor.ToBytes())}" : null;
        if (key is not null && _constants.TryGetValue(key, out var known))
            return known;
        var name = NewName("constant");
        _model.Graph.Initializers.Add(tensor.WithName(name));
        _shapes.Add(tensor.WithName(name));
        if (key is not null)
            _constants.Add(key, name);
        return name;
    }

    /// <summary>Makes an output of an existing node available that nobody wanted so far.</summary>
    internal string ExtraOutput(OnnxNode node, int index)
    {
        if (node.Output(index) is { Length: > 0 } known)
            return known;
        while (node.Outputs.Count <= index)
            node.Outputs.Add("");
        node.Outputs[index] = NewName(node.OpType);
        ShapeInference.Infer(node, _shapes);
        return node.Outputs[index];
    }

    /// <summary>
    /// Replaces a node by what <paramref name="build"/> writes in its place. It returns for the node's outputs, in order, the tensors
    /// that take over their names; null for outputs it does not provide, which is an error only if somebody reads them.
    /// </summary>
    internal void Replace(OnnxNode node, Func<IReadOnlyList<string?>> build)
    {
        var nodes = _model.Graph.Nodes;
        var start = nodes.IndexOf(node);
        nodes.RemoveAt(start);
        _insertAt = start;
        var results = build();
        for (var i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0 && i < results.Count && results[i] is { } result)
                TakeOverName(nodes[start.._insertAt.Value], result, node.Outputs[i]);
            else if (IsRead(node.Outputs[i]))
                throw new OnnxException($"The output '{node.Outputs[i]}' of {node} is used, but has no form in standard operators.");
        }
        _insertAt = null;
    }

    /// <summary>Removes nodes whose outputs nobody reads any more.</summary>
    internal void Remove(IEnumerable<OnnxNode> nodes)
    {
        foreach (var node in nodes)
            _model.Graph.Nodes.Remove(node);
    }

    void TakeOverName(List<OnnxNode> written, string tensor, string name)
    {
        var info = Info(tensor);
        if (written.Find(n => n.Outputs.Contains(tensor)) is { } writer && !_model.Graph.Outputs.Exists(o => o.Name == tensor))
        {
            writer.Outputs[writer.Outputs.IndexOf(tensor)] = name;
            foreach (var reader in written.Where(n => n.Inputs.Contains(tensor)))
                reader.Inputs[reader.Inputs.IndexOf(tensor)] = name;
        }
        else
        {
            _model.Graph.Nodes.Insert(_insertAt!.Value, new OnnxNode("Identity", [tensor], [name], name));
            _insertAt++;
        }
        _shapes.Add(name, info.ElementType, info.Shape);
    }

    bool IsRead(string tensor) => tensor.Length > 0 && (_model.Graph.Outputs.Exists(o => o.Name == tensor)
        || _model.Graph.Nodes.Exists(n => n.Inputs.Contains(tensor) || GraphNames.Captured(n).Contains(tensor)));

    internal string NewName(string stem)
    {
        string name;
        do
        {
            _counters[stem] = _counters.GetValueOrDefault(stem) + 1;
            name = $"{stem}_{_counters[stem]}";
        }
        while (!_names.Add(name));
        return name;
    }

    void Claim(string name)
    {
        if (name.Length == 0 || !_names.Add(name))
            throw new OnnxException($"The graph '{_model.Graph.Name}' already has a tensor named '{name}'.");
    }

    static long IrVersionFor(int opset) => opset switch
    {
        <= 9 => 4,
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        _ => 11,
    };
}
