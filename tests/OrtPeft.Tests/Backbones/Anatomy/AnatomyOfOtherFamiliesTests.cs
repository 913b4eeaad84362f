using System.Runtime.InteropServices;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>Structures that no fixture has: gates, scaled branches, heads packed one by one, operators that are all of attention.</summary>
sealed class AnatomyOfOtherFamiliesTests
{
    /// <summary>T5 v1.1, mT5: activation(x W0) * (x W1).</summary>
    [Test]
    public void A_gate_of_its_own_is_told_from_the_activated_layer()
    {
        var e = new SyntheticEncoder();
        var anatomy = e.Build(x =>
        {
            var sum = e.G.Add(x, e.SelfAttention(e.Norm(x)));
            var normal = e.Norm(sum);
            var gate = e.Linear(normal, 16, name: "gate");
            return e.G.Add(sum, e.Linear(e.G.Mul(gate, e.G.Gelu(e.Linear(normal, 16, name: "in"), GeluForm.Fused)), name: "out"));
        });
        Complete(anatomy, NormStyle.Pre, gated: true);
        Assert.That(anatomy.Layers[0].FeedForwardIn!.Weight.Tensor.Name, Does.StartWith("in_"));
        Assert.That(anatomy.Layers[0].FeedForwardGate!.Weight.Tensor.Name, Does.StartWith("gate_"));
    }

    /// <summary>GTE, Nomic: both halves of one product, x * sigmoid(x) spelled out.</summary>
    [Test]
    public void A_packed_gate_is_told_by_its_columns()
    {
        var e = new SyntheticEncoder();
        var anatomy = e.Build(x =>
        {
            var sum = e.Norm(e.G.Add(e.SelfAttention(x), x));
            var halves = e.G.Split(e.Linear(sum, 24, bias: false, name: "in"), -1, 12, 12);
            var activated = e.G.Mul(halves[1], e.G.Sigmoid(halves[1]));
            return e.Norm(e.G.Add(e.Linear(e.G.Mul(halves[0], activated), name: "out"), sum));
        });
        Complete(anatomy, NormStyle.Post, gated: true);
        Assert.That(anatomy.Layers[1].FeedForwardGate!.Columns, Is.EqualTo(new[] { new ColumnRange(0, 12) }));
        Assert.That(anatomy.Layers[1].FeedForwardIn!.IsPacked, Is.False, "the whole product");
    }

    /// <summary>BEiT: branches scaled by a constant, no bias in the key projection, position biases; scaled dot product attention as PyTorch exports it.</summary>
    [Test]
    public void Scaled_branches_are_followed_to_their_sum()
    {
        var e = new SyntheticEncoder();
        string Attention(string x)
        {
            var (q, k) = (e.G.Mul(e.Split(e.Linear(x)), 0.7), e.G.Mul(e.Split(e.Linear(x, bias: false)), 0.7));
            var bias = e.G.Slice(e.Weight("position_bias", 1, SyntheticEncoder.Heads, 9, 9), 2, 0, 1);
            var probabilities = e.G.Softmax(e.G.Add(e.G.MatMul(q, e.G.SwapLastTwo(k)), bias));
            var guarded = e.G.Where(e.G.Node("IsNaN", [probabilities]), e.G.Constant(0f), probabilities);
            return e.Linear(e.Merge(e.G.MatMul(guarded, e.Split(e.Linear(x)))));
        }
        var anatomy = e.Build(x =>
        {
            var sum = e.G.Add(e.G.Mul(e.Weight("lambda", SyntheticEncoder.Width), Attention(e.Norm(x))), x);
            return e.G.Add(e.G.Mul(e.Weight("lambda", SyntheticEncoder.Width), e.FeedForward(e.Norm(sum))), sum);
        });
        Complete(anatomy, NormStyle.Pre);
        Assert.That(anatomy.Layers[0].Key!.Bias, Is.Null);
    }

    /// <summary>DeBERTa v1: query, key and value packed head by head, biases of their own, a norm that centres twice.</summary>
    [Test]
    public void Heads_packed_one_by_one_give_several_ranges_of_columns()
    {
        var e = new SyntheticEncoder(opset: 14);
        string Norm(string x)
        {
            string Centered() => e.G.Sub(x, e.G.ReduceMean(x, -1));
            var root = e.G.Sqrt(e.G.Add(e.G.ReduceMean(e.G.Pow(Centered(), e.G.Constant(2f)), -1), 1e-7));
            return e.G.Add(e.G.Mul(e.Weight("scale", SyntheticEncoder.Width), e.G.Div(Centered(), root)), e.Weight("shift", SyntheticEncoder.Width));
        }
        var anatomy = e.Build(x =>
        {
            var packed = e.G.Transpose(e.G.Reshape(e.Linear(x, 24, bias: false, name: "packed"), 0, 0, SyntheticEncoder.Heads, 12), 0, 2, 1, 3);
            var parts = e.G.Split(packed, 3, 4, 4, 4);
            var context = e.Attend(e.G.Mul(e.G.Add(parts[0], e.Weight("query_bias", 1, 2, 1, 4)), 0.3), parts[1], e.G.Add(parts[2], e.Weight("value_bias", 1, 2, 1, 4)));
            var hidden = Norm(e.G.Add(e.Linear(context, name: "output"), x));
            return Norm(e.G.Add(e.FeedForward(hidden), hidden));
        });
        Complete(anatomy, NormStyle.Post);
        var layer = anatomy.Layers[1];
        Assert.That(layer.Query!.Columns, Is.EqualTo(new[] { new ColumnRange(0, 4), new ColumnRange(12, 4) }));
        Assert.That(layer.Value!.Columns, Is.EqualTo(new[] { new ColumnRange(8, 4), new ColumnRange(20, 4) }));
        Assert.That(layer.QueryKeyValue!.OutWidth, Is.EqualTo(24));
        Assert.That(layer.AttentionNorm, Is.Not.Null.And.Property("Epsilon").EqualTo(1e-7).Within(1e-12));
    }

    /// <summary>timm and OpenCLIP: [batch, sequence, 3, heads, width] with the three parts picked by Gather.</summary>
    [Test]
    public void Parts_picked_by_index_are_columns_too()
    {
        var e = new SyntheticEncoder();
        var anatomy = e.Build(x =>
        {
            var packed = e.G.Transpose(e.G.Reshape(e.Linear(e.Norm(x), 24, name: "packed"), 0, 0, 3, SyntheticEncoder.Heads, 4), 2, 0, 3, 1, 4);
            string Part(long i) => e.G.Gather(packed, e.G.Constant(i));
            var sum = e.G.Add(x, e.Linear(e.Attend(Part(0), Part(1), Part(2)), name: "output"));
            return e.G.Add(sum, e.FeedForward(e.Norm(sum)));
        });
        Complete(anatomy, NormStyle.Pre);
        Assert.That(anatomy.Layers[0].Key!.Columns, Is.EqualTo(new[] { new ColumnRange(8, 8) }));
    }

    /// <summary>CLIP: scaled query, x * sigmoid(1.702 x), weights transposed at run time or multiplied by Gemm in two dimensions.</summary>
    [Test]
    public void Weights_may_be_transposed_or_read_in_two_dimensions()
    {
        var e = new SyntheticEncoder();
        string Transposed(string x, int width, string name) => e.G.Add(e.G.MatMul(x, e.G.Transpose(e.Weight(name, width, SyntheticEncoder.Width), 1, 0)), e.Weight(name + "_bias", width));
        string Flat(string x, int width, string name)
        {
            var wide = e.G.ShapeOf(x)[^1].Value;
            var product = e.G.Gemm(e.G.Reshape(x, -1, wide), e.Weight(name, width, wide), e.Weight(name + "_bias", width), transB: true);
            return e.G.Reshape(product, e.G.Concat(0, e.G.DimOf("input_ids", 0), e.G.DimOf("input_ids", 1), e.G.Vector(width)));
        }
        var anatomy = e.Build(x =>
        {
            var normal = e.Norm(x);
            var context = e.Attend(e.Split(e.G.Mul(Transposed(normal, 8, "query"), 0.25)), e.Split(Transposed(normal, 8, "key")), e.Split(Flat(normal, 8, "value")));
            var sum = e.G.Add(x, Flat(context, 8, "output"));
            var inner = Flat(e.Norm(sum), 16, "in");
            return e.G.Add(sum, Flat(e.G.Mul(inner, e.G.Sigmoid(e.G.Mul(inner, 1.702))), 8, "out"));
        });
        Complete(anatomy, NormStyle.Pre);
        Assert.That(anatomy.Layers[0].Query, Has.Property("Layout").EqualTo(WeightLayout.OutIn));
        Assert.That(anatomy.Layers[0].FeedForwardOut, Has.Property("Layout").EqualTo(WeightLayout.OutIn).And.Property("InWidth").EqualTo(16));
    }

    [TestCase("Attention", 23)]
    [TestCase("com.microsoft.MultiHeadAttention", 17)]
    public void One_operator_may_be_all_of_attention(string op, int opset)
    {
        var e = new SyntheticEncoder(opset);
        var heads = op == "Attention" ? new[] { new OnnxAttribute("q_num_heads", 2), new OnnxAttribute("kv_num_heads", 2) } : [new OnnxAttribute("num_heads", 2)];
        var anatomy = e.Build(x =>
        {
            var context = e.G.Node(op, [e.Linear(x, name: "query"), e.Linear(x, name: "key"), e.Linear(x, name: "value")], heads);
            var hidden = e.Norm(e.G.Add(e.Linear(context, name: "output"), x));
            return e.Norm(e.G.Add(e.FeedForward(hidden), hidden));
        });
        Complete(anatomy, NormStyle.Post);
        Assert.That(anatomy.Layers[0].Value!.Weight.Tensor.Name, Does.StartWith("value_"));
    }

    /// <summary>BART as ONNX Runtime's optimizer writes it: one bias for query, key and value, added inside.</summary>
    [Test]
    public void Biases_inside_attention_come_out_in_the_unfused_graph()
    {
        var e = new SyntheticEncoder();
        var anatomy = e.Build(x =>
        {
            string[] sides = [e.Linear(x, bias: false), e.Linear(x, bias: false), e.Linear(x, bias: false), e.Weight("biases", 24)];
            var hidden = e.Norm(e.G.Add(e.Linear(e.G.Node("com.microsoft.MultiHeadAttention", sides, new OnnxAttribute("num_heads", 2))), x));
            return e.Norm(e.G.Add(e.FeedForward(hidden), hidden));
        });
        Assert.That(anatomy.Layers[0].Query, Is.Not.Null.And.Property("Output").Null);
        Assert.That(anatomy.Sites.First(s => s.Role == "attention.q").Reason, Does.StartWith("fused into com.microsoft.MultiHeadAttention"));
        var unfused = EncoderUnfusing.Apply(e.G.Build(), m => EncoderAnatomy.Find(m)!);
        var layer = EncoderAnatomy.Find(unfused)!.Layers[1];
        Assert.That(layer.Value!.Output, Is.Not.Null);
        Assert.That(layer.Value.Bias!.Tensor.ToFloats(), Is.EqualTo(Enumerable.Range(16, 8).Select(i => i / 10f)));
        var ids = new Dictionary<string, TestTensor> { ["input_ids"] = new(OnnxType.Int64, [1, 3], MemoryMarshal.AsBytes<long>([1, 7, 4]).ToArray()) };
        var (expected, found) = (OrtRunner.Run(e.G.Build(), ids), OrtRunner.Run(unfused, ids));
        Assert.That(found["last_hidden_state"].Values().Zip(expected["last_hidden_state"].Values(), (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-4));
    }

    /// <summary>A file may be deeper than any stack, and its sums may share their terms.</summary>
    [Test]
    public void A_deep_graph_is_read_to_its_end()
    {
        var e = new SyntheticEncoder();
        string Deep(string x, Func<string, string> step) => Enumerable.Range(0, 20_000).Aggregate(x, (t, _) => step(t));
        var anatomy = e.Build(x =>
        {
            var hidden = e.G.Build().Graph.Nodes.Exists(n => n.OpType == "Softmax") ? x : Deep(x, t => e.G.Add(t, t));
            var context = e.Attend(Deep(e.Split(e.Linear(hidden)), e.G.Neg), e.Split(e.Linear(hidden)), e.Split(e.Linear(hidden)));
            var sum = e.Norm(e.G.Add(Deep(e.Linear(Deep(context, e.G.Identity)), e.G.Identity), hidden));
            return e.Norm(e.G.Add(e.FeedForward(sum), sum));
        });
        Complete(anatomy, NormStyle.Post);
        Assert.That(anatomy.Entry.Words, Is.Not.Null);
    }

    /// <summary>ONNX Runtime on a pre-norm encoder: the sum comes out of the norm that reads it.</summary>
    [Test]
    public void Sums_inside_norms_are_found()
    {
        var e = new SyntheticEncoder();
        (string Normal, string Sum) Skip(string branch, string trunk)
        {
            var outputs = e.G.Nodes("com.microsoft.SkipLayerNormalization", 4, [branch, trunk, e.Weight("scale", 8), e.Weight("shift", 8), e.Weight("bias", 8)]);
            return (outputs[0], outputs[3]);
        }
        (string Normal, string Sum)? state = null;
        var anatomy = e.Build(x =>
        {
            state ??= (e.Norm(x), x);
            state = Skip(e.Linear(e.Attend(e.Split(e.Linear(state.Value.Normal)), e.Split(e.Linear(state.Value.Normal)), e.Split(e.Linear(state.Value.Normal))), bias: false), state.Value.Sum);
            state = Skip(e.Linear(e.G.Relu(e.Linear(state.Value.Normal, 16)), bias: false), state.Value.Sum);
            return state.Value.Normal;
        });
        Assert.That(anatomy.Missing, Is.Empty);
        Assert.That(anatomy.Layers, Has.Count.EqualTo(2).And.All.Property("NormStyle").EqualTo(NormStyle.Pre));
        Assert.That(anatomy.Layers[0].AttentionOutput, Is.Not.Null.And.Property("Output").Null.And.Property("FusedInto").EqualTo("com.microsoft.SkipLayerNormalization"));
        Assert.That(anatomy.Layers[1].Input, Is.EqualTo(anatomy.Layers[0].Output).And.Not.Null);
        Assert.That(anatomy.FinalNorm!.Node.OpType, Is.EqualTo("SkipLayerNormalization"));
    }

    [Test]
    public void What_is_not_recognised_says_why()
    {
        var e = new SyntheticEncoder();
        var anatomy = e.Build(x => e.Norm(e.G.Add(e.G.Softmax(e.Linear(x)), x)));
        Assert.That(anatomy.Layers, Is.Empty);
        e = new SyntheticEncoder();
        anatomy = e.Build(x => e.SelfAttention(x));
        Assert.That(anatomy.Missing.Keys, Is.EqualTo(new[] { "layer.0.attention.o", "layer.1.attention.o" }));
        Assert.That(anatomy.Missing.Values, Is.All.EndsWith("there is no linear layer with a residual sum"));
        e = new SyntheticEncoder();
        anatomy = e.Build(x => e.Norm(e.G.Add(e.SelfAttention(x), x)));
        Assert.That(anatomy.Missing["layer.1.ffn.in"], Does.Contain("no linear layer, activation and linear layer"));
        Assert.That(anatomy.Sites.Select(s => s.Name), Does.Contain("layer.1.attention.q"), "methods that need less still work");
    }

    static void Complete(EncoderAnatomy anatomy, NormStyle style, bool gated = false)
    {
        Assert.That(anatomy.Missing, Is.Empty);
        Assert.That(anatomy.Layers, Has.Count.EqualTo(2));
        foreach (var layer in anatomy.Layers)
        {
            Assert.That(new object?[] { layer.Input, layer.Output, layer.Query, layer.Key, layer.Value, layer.AttentionOutput, layer.FeedForwardIn, layer.FeedForwardOut, layer.AttentionNorm, layer.FeedForwardNorm }, Has.None.Null);
            Assert.That((layer.NormStyle, layer.Heads, layer.HeadWidth), Is.EqualTo(((NormStyle?)style, (int?)SyntheticEncoder.Heads, (int?)4)));
            Assert.That(layer.FeedForwardGate is not null, Is.EqualTo(gated));
        }
        Assert.That(anatomy.Layers[1].Input, Is.EqualTo(anatomy.Layers[0].Output));
    }
}
