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
        recogniser.VisitStem(hidden);
        return recogniser._entry with { RelativeNorm = g.Norms.FirstOrDefault(n => n.Input is { } input && !g.Flow.Carries(input) && g.Constant(input) is not null) };
    }

    /// <summary>Norm, projection and masking, from the first layer backwards.</summary>
    void VisitStem(string tensor)
    {
        tensor = _g.Origin(tensor);
        if (_entry.Norm is null && _g.NormAt(tensor) is { } norm)
        {
            _entry = _entry with { Norm = norm };
            if (norm.Node.OpType == "EmbedLayerNormalization")
                VisitFused(norm.Node);
            else if (norm.Input is { } input)
                VisitStem(input);
            else
                VisitSum(norm.Node.Inputs.Take(2));
        }
        else if (_entry.Projection is null && _g.LinearAt(tensor) is { } projection)
        {
            _entry = _entry with { Projection = projection };
            VisitStem(projection.Input);
        }
        else if (_g.Producer(tensor) is { Key: "Mul" } product && product.Inputs.Where(_g.Flow.Carries).ToArray() is [var only])
        {
            VisitStem(only);
        }
        else
        {
            VisitSum([tensor]);
        }
    }

    void VisitFused(OnnxNode node) => _entry = _entry with
    {
        Words = Table(node, 2, node.Input(0), null),
        Positions = Table(node, 3, node.Input(8).Length > 0 ? node.Input(8) : null, null),
        Types = Table(node, 4, node.Input(1), null),
    };

    EmbeddingSite? Table(OnnxNode node, int input, string? indices, string? output) =>
        _g.Parameter(node, input) is { } table ? new EmbeddingSite(table, indices, output) { Bias = node.OpType == "Conv" ? _g.Parameter(node, 2) : null } : null;

    void VisitSum(IEnumerable<string> tensors)
    {
        foreach (var tensor in tensors)
            Visit(_g.Origin(tensor), null);
    }

    /// <summary>
    /// One term of the sum of embeddings. Where the table's own output is not the embedding, <paramref name="output"/> is: a quantized table is
    /// scaled, the image that a convolution gives becomes a row of patches.
    /// </summary>
    void Visit(string tensor, string? output)
    {
        if (_g.Constant(tensor) is { } constant)
        {
            if (constant.ElementType.IsFloat() && constant.ElementCount > 1 && _g.Index.Consumers(tensor) is [{ Input: >= 0 } use, ..])
                _entry = _entry with { Positions = _entry.Positions ?? new EmbeddingSite(new ParameterSite(use.Node, use.Input, constant), null, tensor) };
            return;
        }
        if (_g.Producer(tensor) is not { } node)
            return;
        switch (node.OpType)
        {
            case "Gather" when _g.Constant(node.Input(0)) is { Dims: [_, > 1] }:
                Lookup(node, output ?? tensor);
                break;
            case "Add":
                VisitSum(node.Inputs);
                break;
            case "Mul":
                var isQuantized = node.Inputs.TrueForAll(_g.Flow.Carries) || !node.Inputs.Exists(_g.Flow.Carries);
                foreach (var input in node.Inputs.Where(i => isQuantized || _g.Flow.Carries(i)))
                    Visit(_g.Origin(input), isQuantized ? tensor : null);
                break;
            case "Concat":
                VisitPatches(node);
                break;
            case "Conv":
                _entry = _entry with { Patches = Table(node, 1, null, output ?? tensor) };
                break;
            case "Cast" or "Slice" or "Expand" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose" or "Flatten":
                Visit(_g.Origin(node.Input(0)), output);
                break;
        }
    }

    /// <summary>A table is read by token ids, by token types, or by positions, which follow from the length or from counting tokens.</summary>
    void Lookup(OnnxNode gather, string output)
    {
        var site = Table(gather, 0, gather.Input(1), output);
        if (IsZero(gather.Input(1)))
            _entry = _entry with { Types = site };
        else if (_g.Graph.Inputs.Find(i => i.Name == Behind(gather.Input(1))) is null)
            _entry = _entry with { Positions = site };
        else if (_entry.Words is null || site!.Table.Tensor.Dims[0] > _entry.Words.Table.Tensor.Dims[0])
            _entry = _entry with { Types = _entry.Words ?? _entry.Types, Words = site };
        else
            _entry = _entry with { Types = site };
    }

    void VisitPatches(OnnxNode concat)
    {
        foreach (var input in concat.Inputs)
        {
            if (_g.Producer(Behind(input)) is { OpType: "Expand" } expand)
                _entry = _entry with { ClassToken = _entry.ClassToken ?? Table(expand, 0, null, input) };
            else if (_g.Constant(input) is not null)
                _entry = _entry with { ClassToken = _entry.ClassToken ?? Table(concat, concat.Inputs.IndexOf(input), null, input) };
            else if (_g.Flow.Carries(input))
                Visit(_g.Origin(input), _g.Origin(input));
        }
    }

    /// <summary>Whether all integer constants that a tensor is made from are 0: token types that nobody gave.</summary>
    bool IsZero(string tensor)
    {
        var node = _g.Producer(tensor);
        while (node is { OpType: "Slice" or "Expand" or "Cast" or "Unsqueeze" or "Gather" or "Identity" or "GatherElements" or "Reshape" })
        {
            tensor = node.Input(0);
            node = _g.Producer(tensor);
        }
        return node is { OpType: "ConstantOfShape" } || (_g.Constant(tensor) is { } constant && !constant.ElementType.IsFloat() && constant.ToInt64s().All(v => v == 0));
    }

    string Behind(string tensor)
    {
        while (_g.Producer(tensor) is { OpType: "Cast" or "Identity" } node)
            tensor = node.Input(0);
        return tensor;
    }
}
