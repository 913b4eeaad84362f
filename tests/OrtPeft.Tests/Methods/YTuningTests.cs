using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

sealed class YTuningTests
{
    static readonly LearningTask Three = new ClassificationTask(["a", "b", "c"]);
    static readonly YTuningOptions Options = new() { Heads = 4, FeedForward = 16, Dropout = 0 };

    [Test]
    public void Permuting_the_label_rows_permutes_the_scores()
    {
        const int Width = 8;
        var matrix = TrainedTensor.Normal(YTuning.Labels, 1, 3, 4, Width);
        var tensors = YTuning.Tensors(Options, Width, matrix, seed: 1);
        int[] order = [2, 0, 1];
        var permuted = matrix with { Values = [.. matrix.Values[..Width], .. order.SelectMany(row => matrix.Values.Skip((1 + row) * Width).Take(Width))] };
        var scores = Scores(tensors, Width);
        var moved = Scores([permuted, .. tensors.Skip(1)], Width);
        for (var label = 0; label < 3; label++)
            Assert.That(moved[label], Is.EqualTo(scores[order[label]]).Within(1e-5));
    }

    [Test]
    public void The_absorbed_attention_equals_the_projected_one()
    {
        // One label vector, one head, two tokens: attention over keys x W_K and values x W_V, written out.
        const int Width = 2;
        var options = Options with { Heads = 1, FeedForward = 2 };
        var tensors = YTuning.Tensors(options, Width, TrainedTensor.Normal(YTuning.Labels, 1, 5, 2, Width), seed: 2);
        var tunable = YTuning.Graph(options, Three, tensors) with { Forward = head => LabelEncoder.Scores(head, options, labels: 1) };
        Assert.That(Run(HeadGraph.Inference(tunable, Width), tensors, Width)[0], Is.EqualTo(Reference(tensors)).Within(2e-4));
    }

    [Test]
    public void No_token_is_projected_in_the_forward_or_the_backward_pass()
    {
        const int Width = 32;
        var options = Options with { Layers = 2, Dropout = 0.1 };
        var tensors = YTuning.Tensors(options, Width, TrainedTensor.Normal(YTuning.Labels, 1, 3, 4, Width), seed: 1);
        var model = TrainingGraph.Build(YTuning.Graph(options, Three, tensors), Width, labels: 3).Model;
        var shapes = ShapeInference.Infer(model);
        var perToken = model.Graph.Nodes.Where(n => n.OpType is "MatMul" or "Gemm" or "FusedMatMul").Select(n => shapes[n.Outputs[0]].Shape!)
            .Where(shape => shape.Any(d => d.Symbol?.Contains("sequence", StringComparison.Ordinal) == true)).ToArray();
        // Only attention scores and their gradients have a number for each token: heads x label vectors, here 16, of them.
        Assert.That(perToken, Has.Length.EqualTo(4));
        Assert.That(perToken.Select(shape => shape.Where(d => d.IsKnown).Aggregate(1L, (product, d) => product * d.Value)), Is.All.EqualTo(16));
    }

    [Test]
    public void Label_vectors_start_at_the_names_token_embeddings()
    {
        var backbone = Tiny.Backbone();
        var tunable = new YTuningOptions { TaskName = "free money", Heads = 4 }.Apply(backbone, ["prize", "meeting room"], seed: 0);
        var labels = tunable.Tensors[0];
        var (free, money) = (backbone.MeanTokenEmbedding("free")!, backbone.MeanTokenEmbedding("money")!);
        Assert.That(labels.Shape, Is.EqualTo(new long[] { 3, 32 }));
        Assert.That(labels.Values[..32], Is.EqualTo(free.Zip(money, (a, b) => (a + b) / 2)).Within(1e-6));
        Assert.That(labels.Values[32..64], Is.EqualTo(backbone.MeanTokenEmbedding("prize")!).Within(1e-6));
    }

    [TestCase("heads", 5, "divisor")]
    [TestCase("layers", 0, "layers is 0")]
    [TestCase("dropout", 1, "dropout is 1")]
    public void Impossible_options_are_named(string option, int value, string message) =>
        Assert.That(() => TuningMethods.Parse("y-tuning", [$"{option}={value}"]).Apply(Tiny.Backbone(), ["a", "b"], 0),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains(message));

    [Test]
    public void An_unknown_option_lists_the_known_ones() =>
        Assert.That(() => TuningMethods.Parse("y-tuning", ["layer=2"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("vectorsPerLabel"));

    static float[] Scores(IReadOnlyList<TrainedTensor> tensors, int width) => Run(HeadGraph.Inference(YTuning.Graph(Options, Three, tensors), width), tensors, width);

    /// <summary>Scores for one text of two tokens.</summary>
    static float[] Run(OnnxModel model, IReadOnlyList<TrainedTensor> tensors, int width)
    {
        using var session = OrtSession.FromBytes(model.ToBytes(), 1);
        using var batch = new FeatureBatch([0], 2, width, FeatureView.Tokens);
        batch.SetExample(0, Enumerable.Range(0, 2 * width).Select(i => MathF.Sin(i + 1)).ToArray());
        var feeds = tensors.ToDictionary(t => t.Name, t => OrtValue.CreateTensorValueFromMemory(t.Values, [.. t.Shape]));
        foreach (var (name, value) in batch.Inputs())
            feeds.Add(name, value);
        using var runOptions = new RunOptions();
        using var outputs = session.Run(runOptions, feeds, ["scores"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>methods.md 1.4 in double precision for one head, one layer, two rows, two tokens.</summary>
    static double Reference(IReadOnlyList<TrainedTensor> tensors)
    {
        double[,] P(string name, int rows, int columns)
        {
            var t = tensors.Single(t => t.Name == name).Values;
            var m = new double[rows, columns];
            for (var i = 0; i < t.Length; i++)
                m[i / columns, i % columns] = t[i];
            return m;
        }

        var x = new double[2, 2] { { Math.Sin(1), Math.Sin(2) }, { Math.Sin(3), Math.Sin(4) } };
        var y = P(YTuning.Labels, 2, 2);
        y = Add(y, Attention(Norm(y), Norm(y), "psi.0.self"));
        y = Add(y, Attention(Norm(y), x, "psi.0.cross"));
        y = Add(y, Multiply(Map(Multiply(Norm(y), P("psi.0.ffn.W1", 2, 2)), v => v * 0.5 * (1 + Erf(v / Math.Sqrt(2)))), P("psi.0.ffn.W2", 2, 2)));
        y = Norm(y);
        return (y[0, 0] * y[1, 0] + y[0, 1] * y[1, 1]) / Math.Sqrt(2);

        double[,] Attention(double[,] from, double[,] to, string name)
        {
            var (q, k, v) = (Multiply(from, P(name + ".Wq", 2, 2)), Multiply(to, P(name + ".Wk", 2, 2)), Multiply(to, P(name + ".Wv", 2, 2)));
            var a = new double[2, 2];
            for (var i = 0; i < 2; i++)
            {
                var s = Enumerable.Range(0, 2).Select(j => Math.Exp((q[i, 0] * k[j, 0] + q[i, 1] * k[j, 1]) / Math.Sqrt(2))).ToArray();
                (a[i, 0], a[i, 1]) = (s[0] / s.Sum(), s[1] / s.Sum());
            }
            return Multiply(Multiply(a, v), P(name + ".Wo", 2, 2));
        }
    }

    static double[,] Add(double[,] a, double[,] b) => new[,] { { a[0, 0] + b[0, 0], a[0, 1] + b[0, 1] }, { a[1, 0] + b[1, 0], a[1, 1] + b[1, 1] } };

    static double[,] Map(double[,] a, Func<double, double> f) => new[,] { { f(a[0, 0]), f(a[0, 1]) }, { f(a[1, 0]), f(a[1, 1]) } };

    static double[,] Multiply(double[,] a, double[,] b)
    {
        var c = new double[2, 2];
        for (var i = 0; i < 8; i++)
            c[i / 4, i / 2 % 2] += a[i / 4, i % 2] * b[i % 2, i / 2 % 2];
        return c;
    }

    static double[,] Norm(double[,] a)
    {
        var c = new double[2, 2];
        for (var i = 0; i < 2; i++)
        {
            var mean = (a[i, 0] + a[i, 1]) / 2;
            var deviation = Math.Sqrt((Math.Pow(a[i, 0] - mean, 2) + Math.Pow(a[i, 1] - mean, 2)) / 2 + 1e-5);
            (c[i, 0], c[i, 1]) = ((a[i, 0] - mean) / deviation, (a[i, 1] - mean) / deviation);
        }
        return c;
    }

    static double Erf(double x) => MathNet.Numerics.SpecialFunctions.Erf(x);
}
