using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>Frozen graphs in half precision: nearly the same hidden states, and what would overflow or lose its digits stays in float32.</summary>
[Parallelizable(ParallelScope.All)]
sealed class HalfPrecisionTests
{
    static readonly string[] Products = ["MatMul", "Gemm", "com.microsoft.Attention", "com.microsoft.FusedMatMul"];

    static IEnumerable<TestCaseData> Exports =>
        from name in BackboneFixture.Names from export in BackboneFixture.Load(name).Exports select new TestCaseData(name, export);

    [TestCaseSource(nameof(Exports))]
    public void Float16_gives_nearly_the_same(string name, string export)
    {
        var fixture = BackboneFixture.Load(name);
        var model = fixture.Model(export);
        HalfPrecision.Apply(model, OnnxType.Float16);
        GraphChecker.Check(model, name);
        var (half, exact) = (Hidden(fixture, model.ToBytes()), Hidden(fixture, fixture.Bytes(export)));
        Assert.That(half.Zip(exact, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(2e-2).And.GreaterThan(0));
    }

    [TestCaseSource(nameof(Exports))]
    public void All_products_of_matrices_run_in_bfloat16(string name, string export)
    {
        var model = BackboneFixture.Load(name).Model(export);
        if (Old(model))
        {
            Assert.That(() => HalfPrecision.Apply(model, OnnxType.BFloat16), Throws.TypeOf<OrtPeftException>().With.Message.Contains("which has no bfloat16"));
            return;
        }
        var before = model.Graph.Inputs.Concat(model.Graph.Outputs).Select(v => $"{v}").ToArray();
        HalfPrecision.Apply(model, OnnxType.BFloat16);
        GraphChecker.Check(model, name);
        var types = ShapeInference.Infer(model);
        Assert.That(types.Unresolved, Is.Empty);
        var products = model.Graph.Nodes.Where(n => Products.Contains(n.Key)).ToArray();
        Assert.That(products, Is.Not.Empty);
        Assert.That(products.SelectMany(n => n.Inputs.Take(2).Append(n.Output(0))).Select(t => types[t].ElementType), Is.All.EqualTo(OnnxType.BFloat16));
        Assert.That(model.Graph.Inputs.Concat(model.Graph.Outputs).Select(v => $"{v}"), Is.EqualTo(before));
    }

    [Test]
    public void What_float16_cannot_hold_is_cut_off_and_infinities_stay()
    {
        var g = new GraphBuilder();
        var mask = g.MatMul(g.Input("mask", OnnxType.Float, 4, 1), g.Reshape(g.Constant(1f), [1, 1]));
        g.Output(g.Add(g.Mul(mask, g.Constant(-3.4e38f)), g.Where(g.Greater(g.Input("mask2", OnnxType.Float, 4, 1), g.Constant(2f)), g.Constant(float.NegativeInfinity), mask)), "y");
        var model = g.Build();
        HalfPrecision.Apply(model, OnnxType.Float16);
        var values = TestTensor.Of([0, 1, 0.5f, 3], [4, 1]);
        var y = OrtRunner.Run(model, new Dictionary<string, TestTensor> { ["mask"] = values, ["mask2"] = values })["y"].Values();
        Assert.That(y, Is.EqualTo(new[] { 0, -65504, -32752, double.NegativeInfinity }).Within(2));
    }

    [Test]
    public void Squares_and_the_epsilon_of_a_variance_stay_exact()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", OnnxType.Float, 1, 2);
        var centered = g.Sub(x, g.ReduceMean(x, [1]));
        var variance = g.ReduceMean(g.Mul(centered, centered), [1]);
        g.Output(g.Div(centered, g.Sqrt(g.Add(variance, 1e-12f))), "y");
        var model = g.Build();
        HalfPrecision.Apply(model, OnnxType.Float16);
        double[] Run(params float[] values) => OrtRunner.Run(model, new Dictionary<string, TestTensor> { ["x"] = TestTensor.Of(values, [1, 2]) })["y"].Values();
        Assert.That(Run(-1000, 1000), Is.EqualTo(new[] { -1.0, 1.0 }).Within(1e-3), "a variance of a million");
        Assert.That(Run(1, 1), Is.EqualTo(new[] { 0.0, 0.0 }), "a variance of zero");
    }

    [TestCaseSource(nameof(Exports))]
    public void Onnx_runtime_knows_every_operator_in_bfloat16(string name, string export)
    {
        var model = BackboneFixture.Load(name).Model(export);
        if (Old(model))
            return;
        HalfPrecision.Apply(model, OnnxType.BFloat16);
        // The processor has no kernels; all that comes before them is checked: types, shapes, attributes.
        Assert.That(() => OrtRunner.Run(model, BackboneFixture.Load(name).Inputs), Throws.Exception.With.Message.Contains("NotImplemented").And.Message.Contains("Could not find an implementation"));
    }

    [Test]
    public void Angles_of_rotary_positions_stay_exact()
    {
        var g = new GraphBuilder();
        var positions = g.Input("positions", OnnxType.Float, 2, 1);
        g.Output(g.MatMul(g.Node("Cos", [g.MatMul(positions, g.Reshape(g.Constant(1f), [1, 1]))]), g.Reshape(g.Constant(1f), [1, 1])), "y");
        var model = g.Build();
        HalfPrecision.Apply(model, OnnxType.Float16);
        var y = OrtRunner.Run(model, new Dictionary<string, TestTensor> { ["positions"] = TestTensor.Of([4000.25f, 8000.5f], [2, 1]) })["y"].Values();
        Assert.That(y, Is.EqualTo(new[] { Math.Cos(4000.25), Math.Cos(8000.5) }).Within(1e-3));
    }

    [Test]
    public void A_quantized_model_is_refused()
    {
        var g = new GraphBuilder();
        g.Output(g.Input("x", OnnxType.Float, 4), "y");
        var model = g.Build();
        model.Graph.Nodes.Insert(0, new OnnxNode("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"], "q"));
        Assert.That(() => HalfPrecision.Apply(model, OnnxType.Float16), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("The model is quantized (DynamicQuantizeLinear 'q')"));
    }

    static bool Old(OnnxModel model) => model.Opset < 13;

    /// <summary>Hidden states of real tokens: those of padding are nobody's.</summary>
    static double[] Hidden(BackboneFixture fixture, byte[] model)
    {
        var hidden = OrtRunner.Run(model, fixture.Inputs)["last_hidden_state"].Values();
        if (!fixture.Inputs.TryGetValue("attention_mask", out var mask))
            return hidden;
        var real = mask.Values();
        return [.. hidden.Where((_, i) => real[i / (hidden.Length / real.Length)] != 0)];
    }
}
