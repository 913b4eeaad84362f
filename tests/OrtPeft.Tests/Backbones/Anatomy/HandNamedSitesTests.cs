namespace OrtPeft.Tests;

sealed class HandNamedSitesTests
{
    const string Query = "/encoder/layer.0/attention/self/query/Add_output_0";
    const string Norm = "/encoder/layer.1/output/LayerNorm/Add_1_output_0";

    [Test]
    public void Named_sites_take_the_place_of_found_ones()
    {
        var anatomy = Named(("layer.0", Norm), ("layer.2.attention.k", Query), ("layer.1.norm.attention", Norm));
        Assert.That(anatomy.Layers[0].Input, Is.EqualTo(Norm));
        Assert.That(anatomy.Layers[2].Key!.Output, Is.EqualTo(Query));
        Assert.That(anatomy.Layers[1].AttentionNorm!.Output, Is.EqualTo(Norm));
        Assert.That(anatomy.Layers[2].Query!.Output, Does.Contain("layer.2"), "what is not named stays");
    }

    /// <summary>An encoder of which nothing is recognised.</summary>
    [Test]
    public void Layers_can_be_made_of_named_sites_alone()
    {
        var e = new SyntheticEncoder();
        e.Build(x => e.G.Relu(e.Linear(x)));
        var linears = e.G.Build().Graph.Nodes.Where(n => n.OpType == "Add").Select(n => n.Output(0)).ToArray();
        var anatomy = EncoderAnatomy.Find(e.G.Build(), new Dictionary<string, string> { ["layer.0"] = "Gather_1", ["layer.0.ffn.in"] = linears[0], ["layer.1"] = linears[0], ["layer.1.ffn.in"] = linears[1] })!;
        Assert.That(anatomy.Layers.Select(l => (l.Input, l.Output, l.FeedForwardIn!.Output)), Is.EqualTo(new[] { ("Gather_1", linears[0], linears[0]), (linears[0], null, linears[1]) }));
        Assert.That(anatomy.Entry.Words!.Output, Is.EqualTo("Gather_1"));
    }

    [TestCase("layer.0.attention.query", Query, "'layer.0.attention.query' is no site that can be named; expected layer.N (its input) or layer.N.R with R one of attention.q,")]
    [TestCase("pooler", Query, "'pooler' is no site that can be named")]
    [TestCase("layer.x", Query, "'layer.x' is no site")]
    [TestCase("layer.0", "nothing", "'layer.0' is the tensor 'nothing', but no node of the graph computes a tensor of that name from the model's data inputs")]
    [TestCase("layer.0", "input_ids", "no node of the graph computes")]
    [TestCase("layer.0", "/encoder/layer.0/attention/self/Transpose_output_0", "expected a tensor [batch, tokens, width]")]
    [TestCase("layer.0.attention.q", Norm, "which Add '/encoder/layer.1/output/LayerNorm/Add_1' writes; expected the output of a linear layer")]
    [TestCase("layer.0.norm.ffn", Query, "expected the output of a norm")]
    [TestCase("layer.4", Query, "there are sites of layer 4, but none of layer 3")]
    public void What_does_not_fit_the_graph_is_refused(string name, string tensor, string reason) =>
        Assert.That(() => Named((name, tensor)), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("--sites: ").And.Message.Contains(reason));

    /// <summary>The key of layer 2 is said to be the query of layer 0.</summary>
    [Test]
    public void A_file_beside_the_model_says_where_methods_train()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Tiny.ModelFolder))
            File.Copy(file, folder[Path.GetFileName(file)]);
        var key = EncoderAnatomy.Of(Tiny.Backbone()).Layers[0].Query!.Output!;
        File.WriteAllText(folder[HandNamedSites.FileName], $$"""{ "layer.2.attention.k": "{{key}}" }""");
        var named = Backbone.Load(folder["."]);
        var scope = HookScope.Over(named, new Dropouts(training: false));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(EncoderAnatomy.Of(named).Layers[2].Key!.Output, Is.EqualTo(key));
            Assert.That(scope.Anatomy.Layers[2].Key!.Output, Is.EqualTo(key));
        }
    }

    static EncoderAnatomy Named(params (string Name, string Tensor)[] sites) => EncoderAnatomy.Find(SiteTruth.Model("bert/legacy-opset14.onnx"), sites.ToDictionary(s => s.Name, s => s.Tensor))!;
}
