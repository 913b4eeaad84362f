namespace OrtPeft.Graphs.Files;

/// <summary>Reads a TypeProto: element type and shape of tensors; everything else is kept as bytes.</summary>
static class TypeReader
{
    internal static ((OnnxType Type, Dim[]? Shape, bool IsPlain) Tensor, byte[] Raw) Read(ProtoReader r)
    {
        var start = r.Position;
        var type = OnnxType.Undefined;
        Dim[]? shape = null;
        var isPlain = true;
        while (r.Next(out var field, out var wire))
        {
            if (field == 1)
                (type, shape, isPlain) = r.Message(wire, "tensor_type", -1, Tensor);
            else
            {
                r.Skip(wire);
                isPlain = false;
            }
        }
        var raw = isPlain ? [] : r.Again(start);
        return ((type, shape, isPlain), raw);
    }

    static (OnnxType Type, Dim[]? Shape, bool IsPlain) Tensor(ProtoReader r)
    {
        var type = OnnxType.Undefined;
        List<Dim>? dims = null;
        var isPlain = true;
        while (r.Next(out var field, out var wire))
        {
            switch (field)
            {
                case 1: type = (OnnxType)r.Int32(wire); break;
                case 2:
                    dims ??= [];
                    isPlain &= r.Message(wire, "shape", -1, x => Shape(x, dims));
                    break;
                default:
                    r.Skip(wire);
                    isPlain = false;
                    break;
            }
        }
        return (type, dims?.ToArray(), isPlain);
    }

    static bool Shape(ProtoReader r, List<Dim> dims)
    {
        var isPlain = true;
        while (r.Next(out var field, out var wire))
        {
            if (field == 1)
                isPlain &= r.Message(wire, "dim", dims.Count, x => Dimension(x, dims));
            else
            {
                r.Skip(wire);
                isPlain = false;
            }
        }
        return isPlain;
    }

    static bool Dimension(ProtoReader r, List<Dim> dims)
    {
        var dim = Dim.Unknown;
        var isPlain = true;
        while (r.Next(out var field, out var wire))
        {
            switch (field)
            {
                case 1:
                    var length = r.Int64(wire);
                    // Some exporters write -1 for "unknown".
                    dim = length < 0 ? Dim.Unknown : length;
                    break;
                case 2:
                    var symbol = r.Text(wire);
                    dim = symbol.Length == 0 ? Dim.Unknown : symbol;
                    break;
                default:
                    r.Skip(wire);
                    isPlain = false;
                    break;
            }
        }
        dims.Add(dim);
        return isPlain;
    }
}
