using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>Module paths against those of the PyTorch models that the files were exported from.</summary>
sealed class ModuleNamesTests
{
    static readonly Lazy<JsonElement> Truth = new(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "modules.json"))).RootElement);

    static IEnumerable<string> Exports => SiteTruth.Exports.Where(e => !e.StartsWith("minilm", StringComparison.Ordinal));

    [TestCaseSource(nameof(Exports))]
    public void Known_families_have_their_modules(string export)
    {
        var name = export.Split('/')[0];
        var family = Truth.Value.GetProperty(name).GetProperty("family").GetString()!;
        var found = Find(export, family);
        var packed = family is "modernbert" ? new[] { "ffn.in", "0.norm.attention" } : []; // the first layer has no norm
        foreach (var module in Truth.Value.GetProperty(name).GetProperty("modules").EnumerateObject().Where(m => !packed.Any(m.Name.EndsWith) && !m.Name.EndsWith("qkv", StringComparison.Ordinal)))
        {
            if (module.Name == "pooler" && !found.ContainsKey("pooler"))
                continue; // optimised graphs hide it
            Assert.That(found, Does.ContainKey(module.Name), export);
            // BART's encoder was exported alone; in the whole model it is called encoder.
            Assert.That($".{found[module.Name]}", Does.EndWith($".{module.Value.GetString()}"), module.Name);
        }
        Assert.That(found.Values.Distinct().Count(), Is.EqualTo(family == "albert" ? found.Count - 16 : found.Count), "no two sites are one module, but those of layers that share them");
    }

    /// <summary>What the table lacks is found by the names in the file, where they are left.</summary>
    [TestCase("bert/legacy-opset14.onnx", 26)]
    [TestCase("bert/dynamo-opset18.onnx", 26)]
    [TestCase("roberta/legacy-opset14.onnx", 26)]
    [TestCase("distilbert/dynamo-opset18.onnx", 25)]
    [TestCase("vit/legacy-opset14.onnx", 26)]
    [TestCase("bart-encoder/legacy-opset14.onnx", 25)]
    public void Unknown_families_have_the_names_in_the_file(string export, int expected)
    {
        var found = Find(export, "unheard-of");
        var modules = Truth.Value.GetProperty(export.Split('/')[0]).GetProperty("modules");
        foreach (var (site, path) in found)
            Assert.That(path, Is.EqualTo(modules.GetProperty(site).GetString()), site);
        Assert.That(found, Has.Count.EqualTo(expected));
    }

    /// <summary>A fresh model's biases are all zero, so that the exporter kept one of them, under one name.</summary>
    [Test]
    public void Merged_parameters_do_not_lend_their_name()
    {
        var found = Find("bert-fresh/legacy-opset14.onnx", "unheard-of");
        var modules = Truth.Value.GetProperty("bert-fresh").GetProperty("modules");
        foreach (var (site, path) in found)
            Assert.That(path, Is.EqualTo(modules.GetProperty(site).GetString()), site);
    }

    [Test]
    public void Ends_of_paths_mean_only_the_modules_that_are_trained()
    {
        string[] all = [.. Find("bert/legacy-opset14.onnx", "bert").Values];
        Assert.That(Of(p => p.EndsWith("query", StringComparison.Ordinal) || p.EndsWith("value", StringComparison.Ordinal)), Is.EqualTo(new[] { "query", "value" }));
        Assert.That(Of(p => p.EndsWith("output.dense", StringComparison.Ordinal)), Is.EqualTo(new[] { "output.dense" }), "both outputs");
        Assert.That(Of(p => p.EndsWith("attention.output.dense", StringComparison.Ordinal)), Is.EqualTo(new[] { "attention.output.dense" }));
        Assert.That(Of(p => p.EndsWith(".2.attention.self.query", StringComparison.Ordinal)), Is.EqualTo(new[] { "encoder.layer.2.attention.self.query" }), "one layer of three");
        Assert.That(Of(p => p.EndsWith("1.output.dense", StringComparison.Ordinal)), Is.EqualTo(new[] { "encoder.layer.1.output.dense" }));
        Assert.That(Of(p => p.EndsWith("LayerNorm", StringComparison.Ordinal)), Is.EqualTo(new[] { "LayerNorm" }));

        IReadOnlyList<string> Of(Func<string, bool> isChosen) => PeftTargets.Of([.. all.Where(isChosen)], [.. all.Where(p => !isChosen(p))]);
    }

    static IReadOnlyDictionary<string, string> Find(string export, string family)
    {
        var model = SiteTruth.Model(export);
        return ModuleNames.Of(family, model.Graph, EncoderAnatomy.Find(model)!).Paths;
    }
}
