using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>--memory: what a step is taken to need, and how a batch is divided for it.</summary>
sealed class StepMemoryTests
{
    /// <summary>a = x + 1 lives until it is multiplied, b = tanh(a) until then too, y stays: 3 tensors of 2 examples x 3 tokens x 4 values at once.</summary>
    [Test]
    public void Tensors_count_from_their_writer_to_their_last_reader()
    {
        var g = new GraphBuilder(17, "graph");
        var a = g.Add(g.Input("x", OnnxType.Float, "batch", "sequence", 4), 1);
        var b = g.Tanh(a);
        var product = g.Mul(a, b);
        g.Output(g.Tanh(g.Tanh(product)), "y");
        Assert.That(new StepMemory(0, g.Build(), Texts: 1, Length: 3).Activations(2), Is.EqualTo(3 * 2 * 3 * 4 * sizeof(float)));
    }

    /// <summary>What the runtime folds when it loads the model is no activation.</summary>
    [Test]
    public void What_depends_on_constants_alone_is_held_once()
    {
        var g = new GraphBuilder(17, "graph");
        g.Initializer(Constants.Of("half", OnnxType.Float16, new double[4000], 4, 1000));
        g.Output(g.MatMul(g.Input("x", OnnxType.Float, "batch", 4), g.Cast("half", OnnxType.Float)), "y");
        Assert.That(new StepMemory(0, g.Build(), Texts: 1, Length: 1).Activations(2), Is.EqualTo(2 * 2 * 1000 * sizeof(float)), "the product, and its copy as the output");
    }

    /// <summary>At most one transpose of each beside it, which gradients read.</summary>
    [Test]
    public void Weights_count_once_for_training_and_once_for_evaluation()
    {
        var (backbone, options) = (Tiny.Backbone(), new TrainingOptions { BatchSize = 8 }.Resolve(new BitFitOptions().Defaults(8)));
        var tunable = new BitFitOptions().Apply(backbone, ["a", "b"], seed: 0);
        var memory = StepMemory.Of(tunable, TrainingGraph.Build(tunable, backbone.Hidden, 2).Model, options, length: 8, threads: 1);
        Assert.That(memory.Fixed, Is.InRange(2 * 4 * backbone.Parameters * 0.8, 2 * 4 * backbone.Parameters * 2.2));
    }

    [TestCase(1000, 8)]
    [TestCase(96 + 2 * 5 * 32, 5)]
    [TestCase(96 + 2 * 6 * 32 - 1, 5)]
    public void As_many_examples_as_fit_are_computed_at_once(long limit, int expected) =>
        Assert.That(Small().MicroBatch(limit, batchSize: 8, workers: 2), Is.EqualTo(expected));

    [Test]
    public void Where_not_even_one_fits_the_message_says_how_much_it_needs() => Assert.That(() => Small(fixedBytes: 5_000_000).MicroBatch(4_000_000, 8, 2),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("--memory is 4 MB; a step needs 6 MB even for one example of 1 tokens at a time on each of 2 threads. Give more, or lower --max-length or --threads."));

    [Test]
    public void A_training_with_less_memory_gives_the_same_up_to_rounding()
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner.For(Tiny.Backbone()).With(new LoraOptions()).With(new FeatureOptions { MaxLength = 32 }).CacheIn(folder["features"]).With(new ExecutionOptions { Threads = 1 });
        var (all, parts) = (Train(0), Train(2));
        Assert.That(all.Zip(parts).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(1e-4).And.GreaterThan(0));

        float[] Train(int memory) => [.. tuner.With(new TrainingOptions { Epochs = 1, BatchSize = 16, Optimizer = "sgd", LearningRate = 0.1, Memory = memory })
            .FitAsync(Tiny.Mails(64), Tiny.Mails(12, seed: 1)).GetAwaiter().GetResult().Adapter.Tensors.SelectMany(t => t.Values)];
    }

    /// <summary>y = tanh(x) with 4 values an example, and its copy as the output: 32 bytes.</summary>
    static StepMemory Small(long fixedBytes = 96)
    {
        var g = new GraphBuilder(17, "graph");
        g.Output(g.Tanh(g.Input("x", OnnxType.Float, "batch", 4)), "y");
        return new StepMemory(fixedBytes, g.Build(), Texts: 1, Length: 1);
    }
}
