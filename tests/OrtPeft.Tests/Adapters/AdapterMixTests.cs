namespace OrtPeft.Tests;

/// <summary>Mixed adapters against the sum written out.</summary>
sealed class AdapterMixTests
{
    static readonly ClassificationTask Task = new(["ham", "spam"]);

    TemporaryFolder _folder = null!;
    Backbone _backbone = null!;

    [SetUp]
    public void MakeFolder() => (_folder, _backbone) = (new TemporaryFolder(), Tiny.Backbone());

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    /// <summary>scale B A of the mixture is 0.7 scale_1 B_1 A_1 - 0.2 scale_2 B_2 A_2, whatever the ranks.</summary>
    [Test]
    public void Products_of_LoRA_add_up()
    {
        var (a, b) = (Save("a", new LoraOptions { Rank = 2, Alpha = 8, Layers = 1 }, 0), Save("b", new LoraOptions { Rank = 3, Alpha = 5, Layers = 1, RankStabilized = true }, 1));
        var mixed = AdapterMix.Of([_folder["a"], _folder["b"]], [0.7, -0.2]);
        var options = (LoraOptions)TuningMethods.FromJson("lora", mixed.Info.Options.DeepClone());
        Assert.That((options.Rank, options.Scale), Is.EqualTo((5, 1.0)));
        var (first, second, sum) = (Product(a, 4.0), Product(b, 5 / Math.Sqrt(3)), Product(mixed, 1));
        for (var i = 0; i < sum.Length; i++)
            Assert.That(sum[i], Is.EqualTo(0.7 * first[i] - 0.2 * second[i]).Within(1e-6));
        // The head: (0.7 W_1 - 0.2 W_2) / 0.5.
        Assert.That(Values(mixed, "classifier.weight"), Is.EqualTo(Values(a, "classifier.weight").Zip(Values(b, "classifier.weight"), (x, y) => (float)(1.4 * x - 0.4 * y))).Within(1e-6));
        Works(mixed);
    }

    /// <summary>Factors of IA3 are 1 where nothing was learned: 1 + 2 (a - 1) - (b - 1).</summary>
    [Test]
    public void What_was_learned_is_added_to_what_changes_nothing()
    {
        var (a, b) = (Save("a", new Ia3Options(), 0), Save("b", new Ia3Options(), 1));
        var mixed = AdapterMix.Of([_folder["a"], _folder["b"]], [2, -1]);
        const string Name = "layer.1.attention.k.scale";
        Assert.That(Values(mixed, Name), Is.EqualTo(Values(a, Name).Zip(Values(b, Name), (x, y) => 2 * x - y)).Within(1e-6));
        Works(mixed);
        var half = AdapterMix.Of([_folder["a"], _folder["b"]], [0.25, 0.25]);
        Assert.That(Values(half, Name), Is.EqualTo(Values(a, Name).Zip(Values(b, Name), (x, y) => 0.5f + 0.25f * x + 0.25f * y)).Within(1e-6));
    }

    [Test]
    public void Vectors_of_prompts_have_a_mean()
    {
        var (a, b) = (Save("a", new PromptOptions { Tokens = 2 }, 0), Save("b", new PromptOptions { Tokens = 2 }, 1));
        var mixed = AdapterMix.Of([_folder["a"], _folder["b"]], [0.5, 0.5]);
        Assert.That(Values(mixed, "prompt"), Is.EqualTo(Values(a, "prompt").Zip(Values(b, "prompt"), (x, y) => (x + y) / 2)).Within(1e-6));
        Refused("has no value that changes nothing", 0.5, 0.4);
    }

    [Test]
    public void Adapters_that_are_not_alike_are_refused()
    {
        Save("a", new LoraOptions(), 0);
        Save("b", new Ia3Options(), 1);
        Refused("have different methods: lora and ia3", 1, 1);
        Save("b", new LoraOptions { Targets = "k" }, 1);
        Refused("have different options", 1, 1);
        RandomAdapter.Of(new LoraOptions(), _backbone, new ClassificationTask(["a", "b"])).Save(_folder["b"]);
        Refused("have different tasks", 1, 1);
        Save("b", new LoraOptions(), 1);
        Refused("sum to 0; expected a positive sum", 1, -1);
        Refused("There are 2 adapters and 1 weights", 1);
        Save("a", new BottleneckOptions(), 0);
        Save("b", new BottleneckOptions(), 1);
        Refused("adapter computes with products of trained tensors", 1, 1);
    }

    Adapter Save(string name, MethodOptions options, int seed)
    {
        var adapter = RandomAdapter.Of(options, _backbone, Task, seed);
        adapter.Save(_folder[name]);
        return adapter;
    }

    void Works(Adapter mixed)
    {
        mixed.Save(_folder["mixed"]);
        using var predictor = Predictor.Load(_folder["mixed"]);
        Assert.That(predictor.Predict("free prize").Label, Is.AnyOf("ham", "spam"));
    }

    void Refused(string answer, params double[] weights) =>
        Assert.That(() => AdapterMix.Of([_folder["a"], _folder["b"]], weights), Throws.TypeOf<OrtPeftException>().With.Message.Contains(answer));

    static float[] Values(Adapter adapter, string name) => adapter.Tensors.First(t => t.Name == name).Values;

    static double[] Product(Adapter adapter, double scale)
    {
        var (a, b) = (Values(adapter, "layer.2.attention.q.lora_A"), Values(adapter, "layer.2.attention.q.lora_B"));
        var rank = a.Length / 32;
        return [.. from o in Enumerable.Range(0, 32) from i in Enumerable.Range(0, 32) select scale * Enumerable.Range(0, rank).Sum(k => (double)b[o * rank + k] * a[k * 32 + i])];
    }
}
