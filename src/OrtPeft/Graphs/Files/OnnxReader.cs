using System.Buffers;

namespace OrtPeft.Graphs.Files;

/// <summary>The messages of onnx.proto, one method each. Field numbers are those of the ONNX IR specification.</summary>
static class OnnxReader
{
    internal static OnnxModel ReadFile(string path)
    {
        var source = SourceFile.At(path);
        return Guarded(source.Path, () =>
        {
            using var reader = new ProtoReader(source);
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return Read(reader, folder, source.Path);
        });
    }

    internal static OnnxModel ReadMemory(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.IsEmpty)
            throw new OnnxException($"'{name}' is empty (0 bytes): the download or export did not finish.");
        return Guarded(name, () =>
        {
            using var reader = new ProtoReader(bytes, name);
            return Read(reader, null, name);
        });
    }

    static OnnxModel Read(ProtoReader reader, string? folder, string name)
    {
        FileKind.Check(reader, name);
        var (model, functions) = new ModelReader(folder).Model(reader);
        if (model.Opset == 0 && model.Graph.Nodes.Count == 0 && model.Graph.Inputs.Count == 0)
            throw new OnnxException($"'{name}' is no valid ONNX model: it holds no graph.");
        FunctionInliner.Inline(model, functions, reader.Position, name);
        GraphChecker.Check(model, name);
        return model;
    }

    /// <summary>Turns arithmetic that overflows on absurd numbers into the reader's own error.</summary>
    static OnnxModel Guarded(string name, Func<OnnxModel> read)
    {
        try
        {
            return read();
        }
        catch (OverflowException e)
        {
            throw new OnnxException($"'{name}' is no valid ONNX model: a size in it overflows.", e);
        }
    }

    sealed class ModelReader(string? folder)
    {
        readonly ExternalData? _external = folder is null ? null : new ExternalData(folder);

        internal (OnnxModel Model, List<OnnxFunction> Functions) Model(ProtoReader r)
        {
            var model = new OnnxModel { IrVersion = 0, ProducerName = "" };
            var functions = new List<OnnxFunction>();
            ArrayBufferWriter<byte>? rest = null;
            var hasGraph = false;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: model.IrVersion = r.Int64(wire); break;
                    case 2: model.ProducerName = r.Text(wire); break;
                    case 3: model.ProducerVersion = r.Text(wire); break;
                    case 7:
                        if (hasGraph)
                            throw r.Error("it holds two graphs");
                        model.Graph = r.Message(wire, "graph", -1, Graph);
                        hasGraph = true;
                        break;
                    case 8: r.Message(wire, "opset_import", -1, x => OpsetImport(x, model.OpsetImports)); break;
                    case 14:
                        var (key, value) = r.Message(wire, "metadata_props", -1, TensorReader.Entry);
                        model.Metadata[key] = value;
                        break;
                    case 25: functions.Add(r.Message(wire, "functions", functions.Count, Function)); break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            if (!hasGraph)
                throw r.Error("it holds no graph");
            model.Rest = Bytes(rest);
            return (model, functions);
        }

        static bool OpsetImport(ProtoReader r, Dictionary<string, long> imports)
        {
            var domain = "";
            long version = 0;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: domain = r.Text(wire); break;
                    case 2: version = r.Int64(wire); break;
                    default: r.Skip(wire); break;
                }
            }
            imports[domain == "ai.onnx" ? "" : domain] = version;
            return true;
        }

        OnnxGraph Graph(ProtoReader r)
        {
            var graph = new OnnxGraph();
            ArrayBufferWriter<byte>? rest = null;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: graph.Nodes.Add(r.Message(wire, "node", graph.Nodes.Count, Node)); break;
                    case 2: graph.Name = r.Text(wire); break;
                    case 5: graph.Initializers.Add(r.Message(wire, "initializer", graph.Initializers.Count, Tensor)); break;
                    case 11: graph.Inputs.Add(r.Message(wire, "input", graph.Inputs.Count, ValueInfo)); break;
                    case 12: graph.Outputs.Add(r.Message(wire, "output", graph.Outputs.Count, ValueInfo)); break;
                    case 13: graph.ValueInfos.Add(r.Message(wire, "value_info", graph.ValueInfos.Count, ValueInfo)); break;
                    case 15: graph.SparseInitializers.Add(r.Message(wire, "sparse_initializer", graph.SparseInitializers.Count, Sparse)); break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            graph.Rest = Bytes(rest);
            return graph;
        }

        OnnxNode Node(ProtoReader r)
        {
            string opType = "", domain = "", name = "", overload = "";
            var inputs = new List<string>();
            var outputs = new List<string>();
            List<OnnxAttribute>? attributes = null;
            ArrayBufferWriter<byte>? rest = null;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: inputs.Add(r.Text(wire)); break;
                    case 2: outputs.Add(r.Text(wire)); break;
                    case 3: name = r.Text(wire); break;
                    case 4: opType = r.Text(wire); break;
                    case 5: (attributes ??= []).Add(r.Message(wire, "attribute", attributes.Count, Attribute)); break;
                    case 7: domain = r.Text(wire); break;
                    case 8: overload = r.Text(wire); break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            if (opType.Length == 0)
                throw r.Error("a node has no operator type");
            var node = new OnnxNode(opType, inputs, outputs, name, domain) { Rest = Bytes(rest), Overload = overload };
            node.Attributes.AddRange(attributes ?? []);
            return node;
        }

        OnnxAttribute Attribute(ProtoReader r)
        {
            string name = "", reference = "";
            var type = 0;
            float? f = null;
            long? i = null;
            byte[]? s = null;
            OnnxTensor? tensor = null;
            OnnxGraph? graph = null;
            OnnxSparseTensor? sparse = null;
            List<float>? floats = null;
            List<long>? ints = null;
            List<byte[]>? strings = null;
            List<OnnxTensor>? tensors = null;
            List<OnnxGraph>? graphs = null;
            ArrayBufferWriter<byte>? rest = null;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: name = r.Text(wire); break;
                    case 2: f = r.Float(wire); break;
                    case 3: i = r.Int64(wire); break;
                    case 4: s = r.Bytes(wire); break;
                    case 5: tensor = r.Message(wire, "t", -1, Tensor); break;
                    case 6: graph = r.Message(wire, "g", -1, Graph); break;
                    case 7: r.Floats(wire, floats ??= []); break;
                    case 8: r.Int64s(wire, ints ??= []); break;
                    case 9: (strings ??= []).Add(r.Bytes(wire)); break;
                    case 10: (tensors ??= []).Add(r.Message(wire, "tensors", tensors.Count, Tensor)); break;
                    case 11: (graphs ??= []).Add(r.Message(wire, "graphs", graphs.Count, Graph)); break;
                    case 20: type = r.Int32(wire); break;
                    case 21: reference = r.Text(wire); break;
                    case 22: sparse = r.Message(wire, "sparse_tensor", -1, Sparse); break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            // proto3 writers leave out zeros and empty lists; the type says what was meant.
            var literal = reference.Length == 0;
            return new OnnxAttribute(name)
            {
                Float = f ?? (literal && type == 1 ? 0f : null),
                Int = i ?? (literal && type == 2 ? 0L : null),
                Text = s ?? (literal && type == 3 ? [] : null),
                Tensor = tensor,
                Graph = graph,
                Sparse = sparse,
                Floats = floats ?? (literal && type == 6 ? [] : null),
                Ints = ints ?? (literal && type == 7 ? [] : null),
                Texts = strings ?? (literal && type == 8 ? [] : null),
                Tensors = tensors,
                Graphs = graphs,
                Reference = literal ? null : reference,
                TypeNumber = type,
                Rest = Bytes(rest),
            };
        }

        OnnxTensor Tensor(ProtoReader r) => TensorReader.Read(r, _external);

        OnnxSparseTensor Sparse(ProtoReader r)
        {
            OnnxTensor? values = null, indices = null;
            var dims = new List<long>();
            ArrayBufferWriter<byte>? rest = null;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: values = r.Message(wire, "values", -1, Tensor); break;
                    case 2: indices = r.Message(wire, "indices", -1, Tensor); break;
                    case 3: r.Int64s(wire, dims); break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            return new OnnxSparseTensor(values ?? throw r.Error("a sparse tensor has no values"), indices, [.. dims]) { Rest = Bytes(rest) };
        }

        OnnxFunction Function(ProtoReader r)
        {
            var function = new OnnxFunction();
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: function.Name = r.Text(wire); break;
                    case 4: function.Inputs.Add(r.Text(wire)); break;
                    case 5: function.Outputs.Add(r.Text(wire)); break;
                    case 6: function.Attributes.Add(r.Text(wire)); break;
                    case 7: function.Nodes.Add(r.Message(wire, "node", function.Nodes.Count, Node)); break;
                    case 9: r.Message(wire, "opset_import", -1, x => OpsetImport(x, function.OpsetImports)); break;
                    case 10: function.Domain = r.Text(wire); break;
                    case 11: function.Defaults.Add(r.Message(wire, "attribute_proto", function.Defaults.Count, Attribute)); break;
                    case 13: function.Overload = r.Text(wire); break;
                    default: r.Skip(wire); break;
                }
            }
            return function;
        }

        static OnnxValueInfo ValueInfo(ProtoReader r)
        {
            var name = "";
            (OnnxType Type, Dim[]? Shape, bool IsPlain) tensor = default;
            byte[]? type = null;
            ArrayBufferWriter<byte>? rest = null;
            while (r.Next(out var field, out var wire))
            {
                switch (field)
                {
                    case 1: name = r.Text(wire); break;
                    case 2:
                        (tensor, type) = r.Message(wire, "type", -1, TypeReader.Read);
                        break;
                    default: r.Keep(ref rest, field, wire); break;
                }
            }
            return new OnnxValueInfo(name, tensor.Type, tensor.Shape) { RawType = tensor.IsPlain ? null : type, Rest = Bytes(rest) };
        }

        static byte[]? Bytes(ArrayBufferWriter<byte>? rest) => rest?.WrittenSpan.ToArray();
    }
}
