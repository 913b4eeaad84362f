using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds what lies before the first layer: embeddings, their norm, and a projection to the width of the layers.</summary>
sealed class EntryRecogniser
{
    readonly EncoderGraph _g;
    EncoderEntry _entry = new();

    EntryRecogniser(EncoderGraph g) => _g = g;

    /// <summary>The entry whose result is <paramref name="hidden"/>, the input of the first layer.</summary>
    internal static EncoderEntry Find(EncoderGraph g, string hidden)
    {
        var recogniser = new EntryRecogniser(g);
        recogniser.FindTerms(recogniser.FindStem(hidden));
        return recogniser._entry with { RelativeNorm = g.Norms.FirstOrDefault(n => n.Input is { } input && !g.Flow.Carries(input) && g.Constant(input) is not null) };
    }

    /// <summary>Norm, projection and masking, from the first layer backwards; returns what they are made from, the sum of embeddings.</summary>
    IEnumerable<string> FindStem(string hidden)
    {
        for (var tensor = _g.Origin(hidden); ; tensor = _g.Origin(tensor))
        {
            if (_entry.Norm is null && _g.NormAt(tensor) is { } norm)
            {
                _entry = _entry with { Norm = norm };
                if (norm.Node.OpType == "EmbedLayerNormalization")
                    return [tensor];
                if (norm.Input is null)
                    return norm.Node.Inputs.Take(2);
                tensor = norm.Input;
            }
            else if (_entry.Projection is null && _g.LinearAt(tensor) is { } projection)
            {
                _entry = _entry with { Projection = projection };
                tensor = _g.Source(projection);
            }
            else if (_g.Producer(tensor) is { Key: "Mul" } product && product.Inputs.Where(_g.Flow.Carries).ToArray() is [var only])
            {
                tensor = only;
            }
            else
            {
                return [tensor];
            }
        }
    }

    /// <summary>
    /// The terms of the sum of embeddings. With each goes the tensor that is the embedding where the table's own output is not: a quantized
    /// table is scaled, and the image that a convolution gives becomes a row of patches.
    /// </summary>
    void FindTerms(IEnumerable<string> sum)
    {
        var seen = new HashSet<string>();
        var terms = new Queue<(string Tensor, string? Output)>(sum.Select(t => (_g.Origin(t), default(string))));
        while (terms.TryDequeue(out var term))
        {
            if (seen.Add(term.Tensor) && _g.Producer(term.Tensor) is { } node)
            {
                foreach (var (tensor, output) in Visit(node, term.Tensor, term.Output))
                    terms.Enqueue((_g.Origin(tensor), output));
            }
        }
    }

    /// <summary>Notes the table that a node reads; returns the terms behind it.</summary>
    IEnumerable<(string Tensor, string? Output)> Visit(OnnxNode node, string tensor, string? output)
    {
        switch (node.OpType)
        {
            case "Gather" when _g.Constant(node.Input(0)) is { Dims: [_, > 1] }:
                Lookup(node, output ?? tensor);
                return [];
            case "Conv":
                _entry = _entry with { Patches = Table(node, 1, null, output ?? tensor) };
                return [];
            case "EmbedLayerNormalization":
                var positions = node.Input(8).Length > 0 ? node.Input(8) : null;
                _entry = _entry with { Words = Table(node, 2, node.Input(0), null), Positions = Table(node, 3, positions, null), Types = Table(node, 4, node.Input(1), null) };
                return [];
            case "Add" or "SkipLayerNormalization":
                if (Enumerable.Range(0, 2).FirstOrDefault(i => IsTable(node, i), -1) is >= 0 and var table)
                    _entry = _entry with { Positions = _entry.Positions ?? Table(node, table, null, node.Input(table)) };
                return node.Inputs.Take(2).Select(i => (i, default(string)));
            case "Mul":
                var isScaled = node.Inputs.TrueForAll(_g.Flow.Carries) || !node.Inputs.Exists(_g.Flow.Carries);
                return node.Inputs.Where(i => isScaled || _g.Flow.Carries(i)).Select(i => (i, isScaled ? tensor : null));
            case "Concat":
                return node.Inputs.Where((input, i) => !IsClassToken(node, i)).Select(i => (i, (string?)i));
            case "Slice" or "Expand" or "Unsqueeze" when IsTable(node, 0):
                _entry = _entry with { Positions = _entry.Positions ?? Table(node, 0, null, tensor) };
                return [];
            case "Cast" or "Slice" or "Expand" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose" or "Flatten":
                return [(node.Input(0), output)];
            default:
                return [];
        }
    }

    /// <summary>A table is read by token ids, by token types, or by positions, which follow from the length or from counting tokens.</summary>
    void Lookup(OnnxNode gather, string output)
    {
        var (site, indices) = (Table(gather, 0, gather.Input(1), output)!, BehindCasts(gather.Input(1)));
        if (IsZero(indices))
            _entry = _entry with { Types = site };
        else if (!_g.Graph.Inputs.Exists(i => i.Name == indices))
            _entry = _entry with { Positions = site };
        else if (_entry.Words is null || site.Table.Tensor.Dims[0] > _entry.Words.Table.Tensor.Dims[0])
            _entry = _entry with { Types = _entry.Words ?? _entry.Types, Words = site };
        else
            _entry = _entry with { Types = site };
    }

    /// <summary>Whether a part that is put before the patches is a constant, and notes the first such one.</summary>
    bool IsClassToken(OnnxNode concat, int input)
    {
        var expand = _g.Producer(BehindCasts(concat.Input(input)));
        var token = expand?.OpType == "Expand" ? Table(expand, 0, null, concat.Input(input)) : Table(concat, input, null, concat.Input(input));
        _entry = _entry with { ClassToken = _entry.ClassToken ?? token };
        return token is not null;
    }

    EmbeddingSite? Table(OnnxNode node, int input, string? indices, string? output) =>
        _g.Parameter(node, input) is { } table ? new EmbeddingSite(table, indices, output) { Bias = node.OpType == "Conv" ? _g.Parameter(node, 2) : null } : null;

    bool IsTable(OnnxNode node, int input) => _g.Constant(node.Input(input)) is { Dims.Length: > 1 } constant && constant.ElementType.IsFloat();

    /// <summary>Whether the integers that a tensor is cut and spread from are all 0: token types that nobody gives.</summary>
    bool IsZero(string tensor)
    {
        while (_g.Producer(tensor) is { OpType: "Slice" or "Expand" or "Cast" or "Unsqueeze" or "Gather" or "Identity" or "GatherElements" or "Reshape" } node)
            tensor = node.Input(0);
        return _g.Producer(tensor) is { OpType: "ConstantOfShape" } || (_g.Constant(tensor) is { } constant && constant.ElementType.IsInteger() && constant.ToInt64s().All(v => v == 0));
    }

    string BehindCasts(string tensor)
    {
        while (_g.Producer(tensor) is { OpType: "Cast" or "Identity" } node)
            tensor = node.Input(0);
        return tensor;
    }
}
