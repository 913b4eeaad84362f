using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Y-Tuning's label encoder and label pointer. Until the cross-attention of the first layer nothing depends on the text, so that part is
/// computed once a batch ([1, N, D]), not once an example.
/// </summary>
/// <remarks>
/// Few label queries read many tokens, so keys and values are not projected for every token: scores are (q W_K^T) x^T and the context is
/// (a x) W_V, head by head, which is the same sum in another order. The key biases are left out: they shift all scores of a query alike,
/// which softmax does not see, so their gradient is exactly 0. For the same reason the tokens enter relative to their mean, which is added to
/// the context again: what all tokens share would only cancel, and leave its rounding errors behind.
/// </remarks>
sealed class LabelEncoder
{
    const float Epsilon = 1e-5f;
    const float Masked = -1e9f;

    readonly HeadGraph _head;
    readonly GraphBuilder _g;
    readonly YTuningOptions _options;
    readonly int _width;
    readonly int _heads;
    readonly int _headWidth;
    readonly int _rows;
    readonly string _mean;
    readonly string _tokens;

    LabelEncoder(HeadGraph head, YTuningOptions options, int labels)
    {
        _head = head;
        _g = head.Builder;
        _options = options;
        _width = head.Width;
        _heads = options.Heads;
        _headWidth = _width / _heads;
        _rows = 1 + labels * options.VectorsPerLabel;
        _mean = _g.ReduceMean(head.Features, [1]);
        _tokens = _g.Sub(head.Features, _mean);
    }

    /// <summary>Scores [batch, labels]: the inner product of task vector and label vector, divided by sqrt(D).</summary>
    internal static string Scores(HeadGraph head, YTuningOptions options, int labels)
    {
        var encoder = new LabelEncoder(head, options, labels);
        return encoder.Pointer(encoder.Encode(), labels);
    }

    /// <summary>The task vector after reading the text, where it is alone: [batch, D].</summary>
    internal static string TaskVector(HeadGraph head, YTuningOptions options)
    {
        var encoder = new LabelEncoder(head, options, labels: 0);
        return head.Builder.Squeeze(encoder.Encode(), 1);
    }

    /// <summary>Task vector and label vectors after reading the text: [batch, N, D].</summary>
    string Encode()
    {
        var mask = AttentionMask();
        var y = _g.Unsqueeze(YTuning.Labels, [0]);
        for (var layer = 0; layer < _options.Layers; layer++)
            y = Layer(y, mask, layer);
        return _options.Norm == NormPlacement.Pre ? Norm(y, "norm") : y;
    }

    string Layer(string y, string mask, int layer)
    {
        var name = $"psi.{layer}";
        // The first layer's self-attention sees no text: one copy serves the batch, and so does its dropout mask.
        long batch = layer == 0 ? 1 : 0;
        y = Residual(y, $"{name}.norm1", batch, x => SelfAttention(x, $"{name}.self"));
        y = Residual(y, $"{name}.norm2", 0, x => CrossAttention(x, mask, $"{name}.cross"));
        return Residual(y, $"{name}.norm3", 0, x => FeedForward(x, $"{name}.ffn"));
    }

    string Residual(string y, string norm, long batch, Func<string, string> sublayer)
    {
        var pre = _options.Norm == NormPlacement.Pre;
        var change = _head.Dropout(sublayer(pre ? Norm(y, norm) : y), (float)_options.Dropout, batch, _rows, _width);
        var sum = _g.Add(y, change);
        return pre ? sum : Norm(sum, norm);
    }

    /// <summary>softmax(q k^T / sqrt(d_k)) v over the label vectors, no mask. [B, N, D] to [B, N, D].</summary>
    string SelfAttention(string y, string name)
    {
        var query = SplitHeads(Query(y, name));
        var key = SplitHeads(_g.MatMul(y, name + ".Wk"));
        var value = SplitHeads(Linear(y, name, 'v'));
        var attention = _g.Softmax(_g.MatMul(query, _g.SwapLastTwo(key)), axis: -1);
        return Linear(JoinHeads(_g.MatMul(attention, value)), name, 'o');
    }

    string CrossAttention(string y, string mask, string name)
    {
        // q [H, B*N, dk] and W_K^T [H, dk, D] give what each label vector looks for, in the space of the features: [B, H*N, D].
        var query = HeadsFirst(Query(y, name));
        var keyTransposed = _g.Transpose(_g.Reshape(name + ".Wk", [_width, _heads, _headWidth]), [1, 2, 0]);
        var absorbed = BatchFirst(_g.MatMul(query, keyTransposed));
        var scores = _g.MatMul(absorbed, _g.SwapLastTwo(_tokens));
        var attention = _g.Softmax(_g.Add(scores, mask), axis: -1);

        // The context in the space of the features, then W_V of its head: [H, B*N, D] x [H, D, dk].
        var context = _g.Reshape(_g.Add(_g.MatMul(attention, _tokens), _mean), [-1, _heads, _rows, _width]);
        context = _g.Reshape(_g.Transpose(context, [1, 0, 2, 3]), [_heads, -1, _width]);
        var valueWeight = _g.Transpose(_g.Reshape(name + ".Wv", [_width, _heads, _headWidth]), [1, 0, 2]);
        var value = _g.Reshape(_g.MatMul(context, valueWeight), [_heads, -1, _rows, _headWidth]);
        var joined = _g.Reshape(_g.Transpose(value, [1, 2, 0, 3]), [-1, _rows, _width]);
        return Linear(_g.Add(joined, name + ".bv"), name, 'o');
    }

    /// <summary>GELU (erf) between two linear layers.</summary>
    string FeedForward(string y, string name)
    {
        var inner = _g.Gelu(_g.Add(_g.MatMul(y, name + ".W1"), name + ".b1"));
        return _g.Add(_g.MatMul(inner, name + ".W2"), name + ".b2");
    }

    string Pointer(string y, int labels)
    {
        var task = _g.Mul(_g.Slice(y, axis: 1, start: 0, end: 1), 1 / MathF.Sqrt(_width));
        var vectors = _g.Slice(y, axis: 1, start: 1, end: _rows);
        if (_options.VectorsPerLabel > 1)
        {
            var grouped = _g.Reshape(vectors, [-1, labels, _options.VectorsPerLabel, _width]);
            vectors = _options.LabelPooling == LabelPooling.Mean ? _g.ReduceMean(grouped, [2], keepDims: false) : _g.ReduceMax(grouped, [2], keepDims: false);
        }
        return _g.Squeeze(_g.MatMul(vectors, _g.SwapLastTwo(task)), 2);
    }

    /// <summary>0 for tokens, a large negative number for padding: [batch, 1, sequence].</summary>
    string AttentionMask() => _g.Mul(_g.Unsqueeze(_g.Sub(_g.Constant(1f), _head.Mask), [1]), Masked);

    string Linear(string x, string name, char projection) => _g.Add(_g.MatMul(x, $"{name}.W{projection}"), $"{name}.b{projection}");

    string Norm(string x, string name) => _g.LayerNormalization(x, $"{name}.weight", $"{name}.bias", Epsilon);

    /// <summary>Queries, divided by sqrt(d_k) here, where there are fewest numbers.</summary>
    string Query(string y, string name) => _g.Mul(Linear(y, name, 'q'), 1 / MathF.Sqrt(_headWidth));

    /// <summary>[B, N, D] to [B, H, N, dk].</summary>
    string SplitHeads(string x) => _g.Transpose(_g.Reshape(x, [-1, _rows, _heads, _headWidth]), [0, 2, 1, 3]);

    /// <summary>[B, H, N, dk] to [B, N, D].</summary>
    string JoinHeads(string x) => _g.Reshape(_g.Transpose(x, [0, 2, 1, 3]), [-1, _rows, _width]);

    /// <summary>[B, N, D] to [H, B*N, dk].</summary>
    string HeadsFirst(string x) => _g.Reshape(_g.Transpose(_g.Reshape(x, [-1, _rows, _heads, _headWidth]), [2, 0, 1, 3]), [_heads, -1, _headWidth]);

    /// <summary>[H, B*N, D] to [B, H*N, D].</summary>
    string BatchFirst(string x) => _g.Reshape(_g.Transpose(_g.Reshape(x, [_heads, -1, _rows, _width]), [1, 0, 2, 3]), [-1, _heads * _rows, _width]);
}
