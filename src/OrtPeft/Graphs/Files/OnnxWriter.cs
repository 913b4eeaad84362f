namespace OrtPeft.Graphs.Files;

/// <summary>The messages of onnx.proto, one method each, in the order of their field numbers.</summary>
sealed class OnnxWriter
{
    /// <summary>Protobuf's limit on one file, less room for what is not weights.</summary>
    const long MaxInFile = int.MaxValue - (64 << 20);

    readonly ExternalWeights? _external;

    OnnxWriter(ExternalWeights? external) => _external = external;

    internal static void WriteFile(OnnxModel model, string path)
    {
        path = Path.GetFullPath(path);
        var external = ExternalWeights.Plan(model, path, MaxInFile);
        if (external.NewFile is { } weights)
            AtomicFile.Write(weights, external.CopyTo);
        using var writer = new OnnxWriter(external).Model(model);
        AtomicFile.Write(path, writer.CopyTo);
    }

    internal static byte[] ToBytes(OnnxModel model)
    {
        using var writer = new OnnxWriter(null).Model(model);
        if (writer.Length > Array.MaxLength)
            throw new OnnxException($"The model has {writer.Length} bytes, more than fit into one array; save it to a file instead.");
        using var stream = new MemoryStream((int)writer.Length);
        writer.CopyTo(stream);
        return stream.ToArray();
    }

    ProtoWriter Model(OnnxModel model)
    {
        var w = new ProtoWriter();
        w.Int64(1, model.IrVersion);
        w.Text(2, model.ProducerName);
        w.Text(3, model.ProducerVersion);
        w.Message(7, g => Graph(g, model.Graph));
        foreach (var (domain, version) in model.OpsetImports)
        {
            w.Message(8, o =>
            {
                o.Text(1, domain);
                o.Int64(2, version);
            });
        }
        foreach (var (key, value) in model.Metadata)
            Entry(w, 14, key, value);
        w.Rest(model.Rest);
        return w;
    }

    void Graph(ProtoWriter w, OnnxGraph graph)
    {
        foreach (var node in graph.Nodes)
            w.Message(1, n => Node(n, node));
        w.Text(2, graph.Name);
        foreach (var tensor in graph.Initializers)
            w.Message(5, t => Tensor(t, tensor));
        foreach (var input in graph.Inputs)
            w.Message(11, v => ValueInfo(v, input));
        foreach (var output in graph.Outputs)
            w.Message(12, v => ValueInfo(v, output));
        foreach (var value in graph.ValueInfos)
            w.Message(13, v => ValueInfo(v, value));
        foreach (var sparse in graph.SparseInitializers)
            w.Message(15, s => Sparse(s, sparse));
        w.Rest(graph.Rest);
    }

    void Node(ProtoWriter w, OnnxNode node)
    {
        foreach (var input in node.Inputs)
            w.Bytes(1, System.Text.Encoding.UTF8.GetBytes(input));
        foreach (var output in node.Outputs)
            w.Bytes(2, System.Text.Encoding.UTF8.GetBytes(output));
        w.Text(3, node.Name);
        w.Text(4, node.OpType);
        foreach (var attribute in node.Attributes)
            w.Message(5, a => Attribute(a, attribute));
        w.Text(7, node.Domain);
        w.Text(8, node.Overload);
        w.Rest(node.Rest);
    }

    void Attribute(ProtoWriter w, OnnxAttribute a)
    {
        w.Text(1, a.Name);
        var type = 0;
        if (a.Float is { } f)
            (w, type) = With(w, 1, x => x.Float(2, f));
        if (a.Int is { } i)
            (w, type) = With(w, 2, x => x.Int64(3, i));
        if (a.Text is { } s)
            (w, type) = With(w, 3, x => x.Bytes(4, [.. s]));
        if (a.Tensor is { } t)
            (w, type) = With(w, 4, x => x.Message(5, y => Tensor(y, t)));
        if (a.Graph is { } g)
            (w, type) = With(w, 5, x => x.Message(6, y => Graph(y, g)));
        if (a.Floats is { } floats)
            (w, type) = With(w, 6, x => x.PackedFloats(7, floats));
        if (a.Ints is { } ints)
            (w, type) = With(w, 7, x => x.PackedInt64s(8, ints));
        foreach (var text in a.Texts ?? [])
            w.Bytes(9, text);
        foreach (var tensor in a.Tensors ?? [])
            w.Message(10, y => Tensor(y, tensor));
        foreach (var graph in a.Graphs ?? [])
            w.Message(11, y => Graph(y, graph));
        w.Int64(20, a.TypeNumber != 0 ? a.TypeNumber : type);
        w.Text(21, a.Reference ?? "");
        if (a.Sparse is { } sparse)
            w.Message(22, y => Sparse(y, sparse));
        w.Rest(a.Rest);
    }

    static (ProtoWriter Writer, int Type) With(ProtoWriter w, int type, Action<ProtoWriter> write)
    {
        write(w);
        return (w, type);
    }

    void Tensor(ProtoWriter w, OnnxTensor tensor)
    {
        w.PackedInt64s(1, tensor.Dims);
        w.Int64(2, (int)tensor.ElementType);
        w.Text(8, tensor.Name);
        if (_external?.Place(tensor.Data) is var (location, offset))
        {
            Entry(w, 13, "location", location);
            Entry(w, 13, "offset", offset.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Entry(w, 13, "length", tensor.Data.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (tensor.Checksum is { } checksum)
                Entry(w, 13, "checksum", checksum);
            w.Int64(14, 1);
        }
        else if (tensor.Data.Encoding == TensorEncoding.Strings)
            w.Rest(tensor.Data.Inline.ToArray());
        else if (tensor.Data.Length > 0)
            w.Payload(Field(tensor.Data.Encoding), tensor.Data);
        w.Rest(tensor.Rest);
    }

    static int Field(TensorEncoding encoding) => encoding switch
    {
        TensorEncoding.Floats => 4,
        TensorEncoding.Int32Varints => 5,
        TensorEncoding.Int64Varints => 7,
        TensorEncoding.Doubles => 10,
        TensorEncoding.UInt64Varints => 11,
        _ => 9,
    };

    void Sparse(ProtoWriter w, OnnxSparseTensor sparse)
    {
        w.Message(1, t => Tensor(t, sparse.Values));
        if (sparse.Indices is { } indices)
            w.Message(2, t => Tensor(t, indices));
        w.PackedInt64s(3, sparse.Dims);
        w.Rest(sparse.Rest);
    }

    static void ValueInfo(ProtoWriter w, OnnxValueInfo value)
    {
        w.Text(1, value.Name);
        if (value.RawType is { } raw)
            w.Bytes(2, raw);
        else if (value.ElementType != OnnxType.Undefined || value.Shape is not null)
            w.Message(2, t => t.Message(1, tensor => TensorType(tensor, value)));
        w.Rest(value.Rest);
    }

    static void TensorType(ProtoWriter w, OnnxValueInfo value)
    {
        w.Int64(1, (int)value.ElementType);
        if (value.Shape is null)
            return;
        w.Message(2, shape =>
        {
            foreach (var dim in value.Shape)
            {
                shape.Message(1, d =>
                {
                    if (dim.IsKnown)
                        d.Int64(1, dim.Value);
                    else
                        d.Text(2, dim.Symbol ?? "");
                });
            }
        });
    }

    static void Entry(ProtoWriter w, int field, string key, string value) => w.Message(field, e =>
    {
        e.Text(1, key);
        e.Text(2, value);
    });
}
