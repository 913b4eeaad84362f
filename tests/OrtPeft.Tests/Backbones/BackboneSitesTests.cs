using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>Sites found by structure are those the exporter knew by name.</summary>
sealed class BackboneSitesTests
{
    static IEnumerable<TestCaseData> Encoders() =>
        from name in BackboneFixture.Names
        let fixture = BackboneFixture.Load(name)
        from export in fixture.Exports
        select new TestCaseData(name, export).SetArgDisplayNames(name, export);

    [TestCaseSource(nameof(Encoders))]
    public void Inputs_of_all_layers_are_found(string name, string export)
    {
        using var folder = new TemporaryFolder();
        var fixture = BackboneFixture.Load(name);
        File.WriteAllBytes(folder["model.onnx"], fixture.Bytes(export));
        var sites = BackboneSites.Find(Backbone.Load(folder["model.onnx"]));
        var hidden = fixture.Sites.GetProperty(export).GetProperty("tensors").EnumerateObject().Where(t => t.Name.StartsWith("hidden_", StringComparison.Ordinal))
            .OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => t.Value.GetString()).ToArray();
        Assert.That(hidden, Has.Length.GreaterThan(2));
        for (var layer = 0; layer < hidden.Length - 1; layer++)
            Assert.That(sites.GetValueOrDefault($"layer.{layer}"), Is.EqualTo(hidden[layer]), $"layer {layer}");
        Assert.That(sites["embeddings"], Is.EqualTo(hidden[0]));
    }

    [Test]
    public void A_cut_behind_the_word_embeddings_crosses_several_tensors()
    {
        var backbone = Tiny.Backbone();
        var words = backbone.Model.Graph.Nodes.First(n => n.OpType == "Gather" && n.Inputs[1] == "input_ids").Outputs[0];
        var site = BackboneSites.Resolve(backbone, words);
        Assert.That(site.Tensors, Has.Count.EqualTo(2), "words and segments; positions do not depend on the text");
        Assert.That(site.Tensors, Is.All.Matches<SiteTensor>(t => t is { Width: 32, HasTokens: true }));
    }

    [Test]
    public void A_cut_inside_a_layer_crosses_what_is_added_later()
    {
        var backbone = Tiny.Backbone();
        var site = BackboneSites.Resolve(backbone, "layer.1.ffn.in");
        var layer = EncoderAnatomy.Of(backbone).Layers[1];
        Assert.That(site.Tensors.Select(t => t.Name), Is.EquivalentTo(new[] { layer.FeedForwardIn!.Output, layer.AttentionNorm!.Output }));
        Assert.That(site.Name, Is.EqualTo("layer.1.ffn.in"));
    }

    [Test]
    public void A_site_that_is_fused_cannot_be_cached()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.onnx"], BackboneFixture.Load("bert").Bytes("ort-optimized.onnx"));
        Assert.That(() => BackboneSites.Resolve(Backbone.Load(folder["model.onnx"]), "layer.1.ffn.in"),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("has no tensor that could be cached: fused into com.microsoft.BiasGelu"));
    }

    [TestCase("input_ids", "'input_ids' is an input of the model, the text itself")]
    [TestCase("attention_mask", "the text itself")]
    [TestCase("layer.3", "has no site or tensor 'layer.3' that depends on the text; expected embeddings, layer.0, layer.1, layer.2, last-hidden-state")]
    [TestCase("nothing", "has no site or tensor 'nothing'")]
    [TestCase(",", "--at names no site")]
    public void What_cannot_be_cached_is_refused_with_the_reason(string at, string reason) =>
        Assert.That(() => BackboneSites.Resolve(Tiny.Backbone(), at), Throws.TypeOf<OrtPeftException>().With.Message.Contains(reason));
}
