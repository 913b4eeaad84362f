using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>The last layers side by side, and their learned mix.</summary>
sealed class LayerMixTests
{
    [Test]
    public void A_mix_is_the_sum_of_layers_by_softmax_and_scale()
    {
        // Two hidden states of width 2 for one example: (1, 2) and (5, 6); softmax(ln 3, 0) = (3/4, 1/4); gamma = 2.
        var mixed = Mix(layers: 2, [1, 2, 5, 6], [MathF.Log(3), 0], 2);
        Assert.That(mixed, Is.EqualTo(new[] { 2 * (0.75f * 1 + 0.25f * 5), 2 * (0.75f * 2 + 0.25f * 6) }).Within(1e-6));
    }

    [Test]
    public void It_starts_as_the_mean()
    {
        var start = LayerMix.Tensors(3).ToArray();
        Assert.That(start.Select(t => t.Name), Is.EqualTo(new[] { "mix.weight", "mix.scale" }));
        Assert.That(Mix(layers: 3, [1, 2, 4, 6, 7, 1], start[0].Values, start[1].Values[0]), Is.EqualTo(new float[] { 4, 3 }).Within(1e-6));
    }

    [Test]
    public void A_mix_of_one_is_the_plain_probe()
    {
        Assert.That(LayerMix.Tensors(1), Is.Empty);
        Assert.That(new LinearProbeOptions { Layers = 1 }.Frontier(Tiny.Backbone()), Is.EqualTo(FeatureSite.LastHiddenState));
        var (plain, one) = (new LinearProbeOptions().Apply(Tiny.Backbone(), ["a", "b"], 0), new LinearProbeOptions { Layers = 1 }.Apply(Tiny.Backbone(), ["a", "b"], 0));
        Assert.That(HeadGraph.Inference(one, 32).ToBytes(), Is.EqualTo(HeadGraph.Inference(plain, 32).ToBytes()));
    }

    [Test]
    public void The_cache_holds_the_hidden_states_of_the_last_layers_side_by_side()
    {
        using var place = new CachePlace();
        var mails = Tiny.Mails(6);
        var result = place.Run("last", mails, CachePlace.Small with { At = "last-3-layers" });
        Assert.That((result.Site, new LinearProbeOptions { Layers = 3 }.Frontier(place.Backbone)), Is.EqualTo(("last-3-layers", "last-3-layers")));
        string[] sites = ["layer.1", "layer.2", FeatureSite.LastHiddenState];
        foreach (var site in sites)
            place.Run(site, mails, CachePlace.Small with { At = site });
        var expected = sites.Select(site => place.Values(site, mails)).ToArray();
        const int width = 32;
        foreach (var (values, mail) in place.Values("last", mails).Select((values, mail) => (values, mail)))
        {
            for (var i = 0; i < values.Length; i++)
                Assert.That(values[i], Is.EqualTo(expected[i / width % 3][mail][i / (3 * width) * width + i % width]).Within(1e-5));
        }
        Assert.That(FeatureVerification.Run(place.Backbone, mails, place["last"], CachePlace.Small with { At = "last-3-layers" }, new ExecutionOptions { Threads = 2 }).Holds);
    }

    [Test]
    public void More_layers_than_there_are_and_layers_of_pairs_are_refused()
    {
        Assert.That(() => new LinearProbeOptions { Layers = 4 }.Apply(Tiny.Backbone(), ["a", "b"], 0), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("Linear probe: layers is 4; expected 1 to 3."));
        Assert.That(() => BackboneSites.Resolve(Tiny.Backbone(), "last-4-layers"), Throws.TypeOf<OrtPeftException>().With.Message.Contains("'tiny-bert' has 3 layers whose input is found; 4 hidden states are asked for."));
        Assert.That(() => new LinearProbeOptions { Layers = 2 }.Apply(Tiny.Backbone(), new SimilarityTask(0, 1), 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains("Expected layers=1."));
    }

    static float[] Mix(int layers, float[] features, float[] weights, float scale)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "mix");
        var input = g.Input("features", OnnxType.Float, "batch", features.Length);
        foreach (var tensor in LayerMix.Tensors(layers))
            g.Input(tensor.Name, OnnxType.Float, [.. tensor.Shape.Select(d => (Dim)d)]);
        g.Output(LayerMix.Of(g, input, layers, features.Length / layers), "mixed");
        var results = OrtRunner.Run(g.Build(), new Dictionary<string, TestTensor>
        {
            ["features"] = TestTensor.Of(features, 1, features.Length),
            ["mix.weight"] = TestTensor.Of(weights, layers),
            ["mix.scale"] = TestTensor.Of([scale], 1),
        });
        return [.. results["mixed"].Values().Select(v => (float)v)];
    }
}
