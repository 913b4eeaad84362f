using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class InspectVerbTests
{
    [Test]
    public void Json_says_what_the_model_is()
    {
        var json = FinishedTraining.Place.Run("inspect", "tiny-bert", "--json").Done().Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)json["family"], Is.EqualTo("bert"));
            Assert.That((int?)json["layers"], Is.EqualTo(3));
            Assert.That((int?)json["hidden"], Is.EqualTo(32));
            Assert.That((int?)json["heads"], Is.EqualTo(4));
            Assert.That((long?)json["parameters"], Is.EqualTo(30_624));
            Assert.That((int?)json["opset"], Is.EqualTo(14));
            Assert.That((int?)json["maxPositions"], Is.EqualTo(32));
            Assert.That(json["inputs"]!.AsArray().Select(i => (string?)i), Is.EqualTo(new[] { "input_ids", "attention_mask", "token_type_ids" }));
        }
        var sites = json["sites"]!.AsArray().Select(s => ((string?)s!["name"], (string?)s["role"], (int?)s["layer"], (string?)s["tensor"]));
        Assert.That(sites, Is.SupersetOf(new (string?, string?, int?, string?)[]
        {
            ("embeddings.word", "embeddings.word", null, "/m/embeddings/word_embeddings/Gather_output_0"),
            ("layer.0", "hidden", 0, "/m/embeddings/LayerNorm/Add_1_output_0"),
            ("layer.2.attention.q", "attention.q", 2, "/m/encoder/layer.2/attention/self/query/Add_output_0"),
            ("last-hidden-state", "hidden", null, "last_hidden_state"),
        }));
        Assert.That(Methods(json), Is.EqualTo(TuningMethods.Table.Keys.Select(name => (name, true, ""))));
    }

    [Test]
    public void A_model_without_tokenizer_is_shown_and_the_reason_why_no_method_applies()
    {
        using var place = new Workplace();
        File.Delete(Path.Combine(place["tiny-bert"], "tokenizer.json"));
        const string Reason = "the model has no tokenizer.json";
        Assert.That(Methods(place.Run("inspect", "tiny-bert", "--json").Done().Json), Is.EqualTo(TuningMethods.Table.Keys.Select(name => (name, false, Reason))));
        var words = place.Run("inspect", "tiny-bert").Done().Output;
        Assert.That(words, Does.Contain("none").And.Contain($"no: {Reason}"));
    }

    [Test]
    public void People_read_family_size_and_methods()
    {
        var words = FinishedTraining.Place.Run("inspect", "tiny-bert").Done().Output;
        Assert.That(words, Does.Contain("bert, 3 layers, width 32, 4 heads, 30,624 parameters"));
        Assert.That(words, Does.Match(@"y-tuning +10,912 \(35\.6 %\) +Label vectors"));
        Assert.That(words, Does.Not.Contain("\e"));
    }

    [Test]
    public void Sites_are_listed_when_asked_for()
    {
        Assert.That(FinishedTraining.Place.Run("inspect", "tiny-bert", "--sites").Done().Output, Does.Match(@"layer\.1\.norm\.ffn +/m/encoder/layer\.1/output/LayerNorm/Add_1_output_0"));
        Assert.That(FinishedTraining.Place.Run("inspect", "tiny-bert").Done().Output, Does.Contain("3 layers found, 32 sites").And.Not.Contain("layer.1.norm.ffn"));
    }

    [Test]
    public void A_site_named_by_hand_takes_the_place_of_what_was_found()
    {
        using var place = new Workplace();
        File.WriteAllText(place["sites.json"], """{ "layer.0.attention.q": "/m/encoder/layer.0/attention/self/query/MatMul_output_0" }""");
        var json = place.Run("inspect", "tiny-bert", "--sites", "sites.json", "--json").Done().Json;
        Assert.That(json["sites"]!.AsArray().First(s => (string?)s!["name"] == "layer.0.attention.q")!["tensor"]!.ToString(), Is.EqualTo("/m/encoder/layer.0/attention/self/query/Add_output_0"));
        File.WriteAllText(place["sites.json"], """{ "layer.0.attention.q": "nothing" }""");
        place.Run("inspect", "tiny-bert", "--sites", "sites.json").Refused("--sites: 'layer.0.attention.q' is the tensor 'nothing', but no node of the graph computes");
    }

    static (string, bool, string)[] Methods(JsonObject json) =>
        [.. json["methods"]!.AsArray().Select(m => ((string)m!["name"]!, (bool)m["supported"]!, (string)m["reason"]!))];

    [Test]
    public void Devices_are_listed_and_what_is_missing_for_the_others()
    {
        var json = Ortpeft.Run(".", "inspect", "--devices", "--json").Done().Json;
        var providers = json["providers"]!.AsArray().ToDictionary(p => (string)p!["name"]!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)json["auto"], Is.EqualTo("cpu"));
            Assert.That((string?)json["why"], Is.EqualTo("auto takes cpu: no cuda and no directml in this ONNX Runtime."));
            Assert.That((int?)json["processor"]!["cores"], Is.EqualTo(Environment.ProcessorCount));
            Assert.That(providers.Keys, Is.EqualTo(ExecutionProviders.Table.Keys));
            Assert.That((bool?)providers["cpu"]!["usable"], Is.True);
            Assert.That(providers["cpu"]!["devices"]!.AsArray(), Has.Count.EqualTo(1));
            Assert.That((bool?)providers["cuda"]!["usable"], Is.False);
            Assert.That((string?)providers["cuda"]!["install"], Is.EqualTo("Build with -p:OrtFlavor=gpu."));
            Assert.That(providers["cuda"]!["options"]!.AsArray().Select(o => (string?)o!["name"]), Is.EqualTo(new[] { "memoryLimit", "arena", "cudnnSearch", "tf32", "preferNhwc", "featureMemory", "frozen" }));
        }
        var words = Ortpeft.Run(".", "inspect", "--devices").Done().Output;
        Assert.That(words, Does.Match(@"cuda +NVIDIA GPUs +not in this ONNX Runtime\. Build with -p:OrtFlavor=gpu\.").And.Match(@"cpu +the processor +yes; device 0: "));
    }
}
