using Microsoft.ML.OnnxRuntime;
using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>
/// Every method on every family and exporter obeys the same laws, or gives its reason. A new method is a row in <see cref="ConformanceTable"/>; the
/// laws come free.
/// </summary>
[Parallelizable(ParallelScope.All)]
sealed class ConformanceTests
{
    static IEnumerable<object[]> Cells => ConformanceTable.Cells;

    [TestCaseSource(nameof(Cells))]
    public void The_laws_hold(string method, string family, string export)
    {
        using var encoder = new TinyEncoder(family, export);
        var row = ConformanceTable.Methods[method];
        if (ConformanceTable.ReasonAgainst(method, family) is { } reason)
        {
            Assert.That(() => Apply(encoder.Backbone, row), Throws.TypeOf<OrtPeftException>().With.Message.Contains(reason));
            return;
        }
        using (Assert.EnterMultipleScope())
        {
            var tunable = Apply(encoder.Backbone, row);
            using var session = Session(tunable);
            var start = Hidden(session, encoder, tunable);
            if (row.IsIdentityAtStart)
                Assert.That(MethodFixture.RelativeError(start, Bare(encoder)), Is.LessThan(1e-5), "identity at the start");

            var moved = Moved(tunable, 0.05f);
            var live = Hidden(session, encoder, moved);
            Assert.That(MethodFixture.RelativeError(live, start), Is.GreaterThan(1e-4), "trained values have an influence");
            Assert.That(MethodFixture.RelativeError(Fused(encoder, moved), live), Is.LessThan(2e-5), "fused equals unfused");
            Assert.That(GradientError(encoder, moved), Is.LessThan(0.01), "the gradient is the slope of the loss");
            var alone = Hidden(session, encoder, moved, encoder.Tokens[1..2]);
            Assert.That(MethodFixture.RelativeError(alone, [.. live.Chunk(live.Length / 3).ElementAt(1)[..alone.Length]]), Is.LessThan(1e-5), "padding and neighbours do not matter");
        }
    }

    [TestCaseSource(nameof(Cells))]
    public void Tuning_the_last_layer_begins_at_its_cached_input(string method, string family, string export)
    {
        using var encoder = new TinyEncoder(family, export);
        var row = ConformanceTable.Methods[method];
        if (!row.HasLayers || ConformanceTable.ReasonAgainst(method, family) is not null)
            return;
        var tunable = Moved(Apply(encoder.Backbone, row with { Options = row.Options with { Layers = 1 } }), 0.05f);
        var frontier = tunable.Encoder!.Frontier!;
        Assert.That(frontier, Is.Not.Null, "the frontier is found");
        using var prefix = new FrozenEncoder(encoder.Backbone, new ExecutionOptions { Threads = 1 }, frontier, intraOpThreads: 1);
        using var batch = new EncodedBatch(encoder.Backbone, tunable.Encoder, [0, 1, 2], encoder.Tokens);
        prefix.RunSite(encoder.Tokens, (outputs, length) =>
        {
            for (var t = 0; t < outputs.Count; t++)
            {
                var values = outputs[t].GetTensorDataAsSpan<float>().ToArray();
                for (var text = 0; text < 3; text++)
                {
                    var own = values.AsMemory(text * values.Length / 3, values.Length / 3);
                    batch.Set(frontier.Tensors[t].Name, text, target =>
                    {
                        own.Span.CopyTo(target);
                        return own.Length;
                    });
                }
            }
        });
        using var suffix = tunable.OpenSession(HeadGraph.Inference(tunable, 32), 1);
        using var session = Session(tunable);
        Assert.That(MethodFixture.RelativeError(Run(suffix, tunable, batch), Hidden(session, encoder, tunable)), Is.LessThan(1e-5));
    }

    [TestCaseSource(nameof(Cells))]
    public void Merged_with_others_it_answers_as_it_does_alone(string method, string family, string export)
    {
        using var encoder = new TinyEncoder(family, export);
        var options = ConformanceTable.Methods[method].Options;
        if (options.Unmergeable is not null || ConformanceTable.ReasonAgainst(method, family) is not null)
            return;
        var (backbone, probe) = (encoder.Backbone, new LinearProbeOptions());
        double Error() => MergedRows.Error(encoder, TinyAdapter.Of(backbone, options, 2, seed: 1), TinyAdapter.Of(backbone, probe, 3, seed: 2), TinyAdapter.Of(backbone, options, 2, seed: 3));
        if (ConformanceTable.ReasonAgainstMerging(method, family) is { } reason)
            Assert.That(() => Error(), Throws.InstanceOf<OrtPeftException>().With.Message.Contains(reason));
        else
            Assert.That(Error(), Is.LessThan(1e-5));
    }

    static TunableGraph Apply(Backbone backbone, ConformanceTable.Row row) =>
        row.Searched(backbone, row.Options).Prepared(backbone).Apply(backbone, new ClassificationTask(["a", "b"]), seed: 1) with { Forward = head => head.Features, View = FeatureView.Tokens };

    /// <summary>Every trained value moved a little, so that nothing is zero by chance.</summary>
    static TunableGraph Moved(TunableGraph tunable, float by) => tunable with
    {
        Tensors = [.. tunable.Tensors.Select(t => t with { Values = [.. t.Values.Zip(TrainedTensor.Uniform(t.Name, by, 3, t.Values.Length).Values, (a, b) => a + b)] })],
    };

    static TunableGraph FromTokens(TunableGraph tunable) => tunable with { Encoder = tunable.Encoder!.FromTokens() };

    /// <summary>The whole encoder, for any trained values.</summary>
    static InferenceSession Session(TunableGraph tunable) => tunable.OpenSession(HeadGraph.Inference(FromTokens(tunable), 32), 1);

    /// <summary>Hidden states of real tokens, [texts, longest, width] with zeros at padding.</summary>
    static float[] Hidden(InferenceSession session, TinyEncoder encoder, TunableGraph tunable, EncodedExample[]? tokens = null)
    {
        tokens ??= encoder.Tokens;
        using var batch = new EncodedBatch(encoder.Backbone, FromTokens(tunable).Encoder!, [.. Enumerable.Range(0, tokens.Length)], tokens);
        return Run(session, tunable, batch);
    }

    static float[] Run(InferenceSession session, TunableGraph tunable, EncodedBatch batch) => RunSession(session, batch, tunable.Tensors, HeadGraph.ScoresOutput)[0];

    static float[][] RunSession(InferenceSession session, EncodedBatch batch, IReadOnlyList<TrainedTensor> tensors, params string[] outputs)
    {
        var feeds = batch.Inputs().Where(i => session.InputNames.Contains(i.Name)).ToDictionary(i => i.Name, i => i.Value);
        foreach (var tensor in tensors.Where(t => session.InputNames.Contains(t.Name)))
            feeds.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, outputs);
        foreach (var value in feeds.Values)
            value.Dispose();
        return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
    }

    static float[] Bare(TinyEncoder encoder)
    {
        using var frozen = new FrozenEncoder(encoder.Backbone, new ExecutionOptions { Threads = 1 });
        var hidden = Array.Empty<float>();
        frozen.Run(encoder.Tokens, (values, length) =>
        {
            hidden = values.ToArray();
            for (var text = 0; text < encoder.Tokens.Length; text++)
                hidden.AsSpan((text * length + encoder.Tokens[text].Length) * 32, (length - encoder.Tokens[text].Length) * 32).Clear();
        });
        return hidden;
    }

    static float[] Fused(TinyEncoder encoder, TunableGraph tunable)
    {
        var (model, hidden, maskOf) = tunable.Encoder!.Fused(tunable.Tensors);
        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        if (!model.Graph.Inputs.Exists(i => i.Name == "attention_mask"))
            g.Input("attention_mask", OnnxType.Int64, "batch", "sequence");
        g.Output(PooledFeatures.InGraph(g, FeatureView.Tokens, 1, hidden, maskOf(g, g.Cast("attention_mask", OnnxType.Float))), "masked");
        using var session = OrtSession.FromModel(model, 1);
        using var batch = new EncodedBatch(encoder.Backbone, tunable.Encoder.FromTokens(), [0, 1, 2], encoder.Tokens);
        return RunSession(session, batch, [], "masked")[0];
    }

    /// <summary>
    /// Relative difference between the gradient along a direction and the slope of the loss there, at the best of some step widths: wide steps leave
    /// the tangent, narrow ones drown in rounding. The direction is a random one and the gradient itself, whose slope stands out of the rounding.
    /// </summary>
    static double GradientError(TinyEncoder encoder, TunableGraph tunable)
    {
        var tensors = tunable.Tensors.Where(t => tunable.Encoder!.Tensors.Any(e => e.Name == t.Name)).ToArray();
        var fromTokens = tunable with { Encoder = tunable.Encoder!.FromTokens(), Tensors = tensors };
        var head = new HeadGraph(fromTokens, 32, training: false);
        var g = head.Builder;
        // A smooth function of the hidden states that tells tokens and entries apart.
        var loss = g.ReduceSum(g.Mul(g.Sin(g.Add(head.Features, g.Constant(Enumerable.Range(0, 32).Select(i => 0.1f * i).ToArray(), 32))), head.Features), keepDims: false);
        var gradients = GradientBuilder.AddGradients(g, loss, tensors.Select(t => t.Name));
        g.Output(loss, "loss");
        foreach (var (tensor, gradient) in gradients)
            g.Output(gradient, "gradient/" + tensor);
        var model = g.Build();
        var constants = model.Graph.Nodes.Where(n => n.StopsGradient).Select(n => g.Output(n.Outputs[0])).ToArray();
        using var batch = new EncodedBatch(encoder.Backbone, fromTokens.Encoder, [0, 1, 2], encoder.Tokens);
        float[][] values;
        using (var whole = fromTokens.OpenSession(model, 1))
        {
            values = RunSession(whole, batch, tensors, [.. tensors.Select(t => "gradient/" + t.Name)]);
            Freeze(model, constants, constants.Length == 0 ? [] : RunSession(whole, batch, tensors, constants));
        }
        using var session = fromTokens.OpenSession(model, 1);
        var unit = Math.Sqrt(values.Sum(v => v.Length) / values.Sum(v => v.Sum(x => (double)x * x)));
        var direction = values.Zip(tensors, (v, t) => v.Zip(TrainedTensor.Uniform("direction/" + t.Name, 1, 5, v.Length).Values, (x, r) => (float)(unit * x) + r).ToArray()).ToArray();
        var expected = values.Zip(direction, (gradient, d) => gradient.Zip(d, (a, b) => (double)a * b).Sum()).Sum();
        return new[] { 4e-3f, 1e-3f, 2.5e-4f, 6e-5f }.Min(step => Math.Abs(Slope(step) / expected - 1));

        // What a method keeps from the gradient does not move with the values either.
        static void Freeze(OnnxModel model, string[] constants, float[][] values)
        {
            model.Graph.Nodes.RemoveAll(n => n.StopsGradient);
            model.Graph.Outputs.RemoveAll(o => constants.Contains(o.Name));
            for (var i = 0; i < constants.Length; i++)
                model.Graph.Initializers.Add(OnnxTensor.FromFloats(constants[i], values[i], values[i].Length));
        }

        // Of fourth order.
        double Slope(float step) => (8 * ((double)At(step) - At(-step)) - ((double)At(2 * step) - At(-2 * step))) / (12 * step);

        float At(float step) => RunSession(session, batch, [.. tensors.Select((t, i) => t with { Values = [.. t.Values.Zip(direction[i], (a, b) => a + step * b)] })], "loss")[0][0];
    }
}
