using System.Text.Json.Nodes;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

[Parallelizable(ParallelScope.Self)]
sealed class AdapterMergeTests
{
    [TestCase("bert")]
    [TestCase("roberta")]
    public void Many_methods_share_a_batch(string family)
    {
        using var encoder = Tiny(family);
        var of = Adapters(encoder);
        Assert.That(MergedRows.Error(encoder, of(new BitFitOptions(), 2), of(new LayerNormOptions(), 3), of(new LoraOptions { Rank = 2 }, 2), of(new Ia3Options(), 4), of(new SsfOptions(), 2),
            of(new PastaOptions(), 2), of(new AotKronOptions { Rank = 3 }, 2), of(new AotFcOptions { Rank = 4 }, 2), of(new BottleneckOptions { Size = 4 }, 2), of(new LinearProbeOptions(), 5)), Is.LessThan(1e-5));
    }

    [Test]
    public void One_method_with_different_options_and_poolings()
    {
        using var encoder = Tiny("bert");
        var of = Adapters(encoder);
        Assert.That(MergedRows.Error(encoder, of(new LoraOptions { Rank = 2 }, 2), of(new LoraOptions { Rank = 3, Targets = "all", Pooling = PoolingKind.Cls }, 3),
            of(new LoraOptions { Rank = 2, Layers = 1, Pooling = PoolingKind.Max }, 2), of(new BitFitOptions { Biases = "ffn.in" }, 2), of(new BitFitOptions { Layers = 1 }, 2), of(new LayerNormOptions { Layers = 1 }, 2)), Is.LessThan(1e-5));
    }

    [Test]
    public void Adapters_of_one_method_share_their_operators()
    {
        using var encoder = Tiny("bert");
        var of = Adapters(encoder);
        int Nodes(int adapters) => new MergedGraph(encoder.Backbone, [.. Enumerable.Range(0, adapters)
            .Select(i => AdapterTask.Of($"{i}", of(new LoraOptions { HeadRate = 1 + i }, 2), encoder.Backbone))]).Model.Graph.Nodes.Count;
        Assert.That(Nodes(5), Is.EqualTo(Nodes(2)));
    }

    [Test]
    public void Every_kind_of_linear_head()
    {
        using var encoder = Tiny("bert");
        var (of, backbone) = (Adapters(encoder), encoder.Backbone);
        var (numbers, levels, many) = (new RegressionTask(3, 2), new OrdinalTask(new LabelSet(["1", "2", "3", "4"])), new MultiLabelTask(new LabelSet(["x", "y", "z"])) { Thresholds = [0.2, 0.5, 0.7] });
        Assert.That(MergedRows.Error(encoder, of(new NearestMeanOptions(), 3), of(new NearestMeanOptions { Distance = MeanDistance.Euclidean }, 2), of(new RidgeOptions { Pooling = PoolingKind.Cls }, 2), of(new LdaOptions(), 4),
            TinyAdapter.Of(backbone, new LinearProbeOptions(), numbers, 1), TinyAdapter.Of(backbone, new LoraOptions(), levels, 2), TinyAdapter.Of(backbone, new BitFitOptions(), many, 3)), Is.LessThan(1e-5));
    }

    [Test]
    public void Scores_that_a_task_does_not_have_are_no_answers_and_the_tasks_are_described()
    {
        using var encoder = Tiny("bert");
        using var folder = new TemporaryFolder();
        var of = Adapters(encoder);
        var number = TinyAdapter.Of(encoder.Backbone, new LinearProbeOptions(), new RegressionTask(3, 2), 1);
        var written = new AdapterMerge(TinyAdapter.Set(encoder.Backbone, of(new LoraOptions(), 2), of(new BitFitOptions(), 4), number)).ToOnnx(folder["merged"]);
        Assert.That(written.Files.Select(Path.GetFileName), Is.EqualTo(new[] { "model.onnx", "tokenizer.json", "config.json", "tasks.json" }));
        using var merged = new ScoringSession(OrtSession.FromFile(written.Files[0], 1), encoder.Backbone);
        var scores = merged.Scores(encoder.Tokens, [0, 1, 2]);
        Assert.That(scores[2..4], Is.EqualTo(new[] { -1e9f, -1e9f }));
        Assert.That(scores[4..8], Is.All.InRange(-100, 100));
        Assert.That(scores[9..12], Is.EqualTo(new[] { 0f, 0, 0 }));

        var model = OnnxModel.Load(written.Files[0]);
        Assert.That(model.Graph.Inputs.Select(i => i.Name), Is.EquivalentTo(encoder.Backbone.InputNames.Append("task_id")));
        var tasks = JsonNode.Parse(model.Metadata["tasks"])!.AsArray();
        Assert.That(tasks.ToJsonString(), Is.EqualTo(JsonNode.Parse(File.ReadAllText(written.Files[^1]))!.ToJsonString()));
        Assert.That(tasks[1]!.ToJsonString(), Is.EqualTo("""{"id":1,"name":"task-1","method":"bitfit","task":{"name":"classification"},"labels":["label 0","label 1","label 2","label 3"],"outputs":4}"""));
        Assert.That(tasks[2]!["task"]!.ToJsonString(), Is.EqualTo("""{"name":"regression","mean":3,"deviation":2}"""));
    }

    [Test]
    public void Another_binding_gives_the_same_scores()
    {
        using var encoder = Tiny("bert");
        using var folder = new TemporaryFolder();
        var (of, backbone) = (Adapters(encoder), encoder.Backbone);
        var adapters = new[] { of(new LoraOptions { Rank = 2 }, 2), of(new BitFitOptions(), 3), of(new PastaOptions(), 2), of(new AotKronOptions { Rank = 3 }, 2), of(new SsfOptions(), 4) };
        var model = new AdapterMerge(TinyAdapter.Set(backbone, adapters)).ToOnnx(folder["merged"]).Files[0];
        var (rows, length) = (adapters.Length, encoder.Tokens.Max(t => t.Length));
        EncodedExample[] tokens = [.. Enumerable.Range(0, rows).Select(row => encoder.Tokens[row % 3])];
        long[] taskIds = [.. Enumerable.Range(0, rows).Select(row => (long)row)];
        var feeds = backbone.InputNames.ToDictionary(name => name, name =>
        {
            var values = new long[rows * length];
            EncodedExample.Fill(backbone, name, tokens, length, values);
            return (new[] { rows, length }, values);
        });
        feeds.Add("task_id", ([rows], taskIds));
        var scores = OnnxRuntimeNode.Run(model, "scores", feeds).Chunk(4).ToArray();
        for (var task = 0; task < rows; task++)
        {
            using var alone = new AdapterScores(adapters[task], backbone);
            var outputs = adapters[task].Info.Labels.Count;
            Assert.That(MethodFixture.RelativeError(scores[task].AsSpan(0, outputs), alone.Of([tokens[task]])[0]), Is.LessThan(1e-5));
        }
    }

    static IEnumerable<object[]> Refusals =>
    [
        [new PromptOptions { Tokens = 3 }, "was trained by prompt: it lengthens the texts"],
        [new PrefixOptions { Tokens = 3 }, "was trained by prefix: every row of a batch attends to its keys"],
        [new FineTuningOptions(), "was trained by fine-tuning: it has weights of its own"],
        [new MlpOptions(), "was trained by mlp: its head is more than one linear layer"],
        [new LinearProbeOptions { Pooling = PoolingKind.Attention }, "has attention pooling"],
        [new BitFitOptions { Pooling = PoolingKind.PoolerGelu }, "has pooler-gelu pooling"],
    ];

    [TestCaseSource(nameof(Refusals))]
    public void What_cannot_be_merged_is_refused_by_name(MethodOptions options, string reason)
    {
        using var encoder = Tiny("bert");
        var of = Adapters(encoder);
        Assert.That(() => new AdapterMerge(TinyAdapter.Set(encoder.Backbone, of(new LoraOptions(), 2), of(options, 2))),
            Throws.TypeOf<OrtPeftException>().With.Message.StartsWith($"The adapter 'task-1' {reason}").And.Message.Contains("Leave it out"));
    }

    [Test]
    public void Tasks_of_tokens_and_of_pairs_are_refused()
    {
        using var encoder = Tiny("bert");
        foreach (var task in new LearningTask[] { new TaggingTask(new LabelSet(["O", "B-X"])), new SimilarityTask(0, 1) })
        {
            var adapter = TinyAdapter.Of(encoder.Backbone, new LoraOptions(), task, 1);
            Assert.That(() => new AdapterMerge(TinyAdapter.Set(encoder.Backbone, adapter)), Throws.TypeOf<OrtPeftException>().With.Message.Contains($"is for the task {task.Name}"));
        }
    }

    static TinyEncoder Tiny(string family) => new(family, BackboneFixture.Load(family).Exports.First(e => e.Contains("opset18", StringComparison.Ordinal)));

    /// <summary>Adapters with labels, every one with values of its own.</summary>
    static Func<MethodOptions, int, Adapter> Adapters(TinyEncoder encoder)
    {
        var seed = 0;
        return (options, labels) => TinyAdapter.Of(encoder.Backbone, options, labels, ++seed);
    }
}
