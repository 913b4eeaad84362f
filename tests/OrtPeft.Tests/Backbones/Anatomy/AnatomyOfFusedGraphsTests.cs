using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>Encoders that an optimizer or a quantizer went over.</summary>
sealed class AnatomyOfFusedGraphsTests
{
    static IEnumerable<string> Fused => SiteTruth.Exports.Where(e => e.Contains("/ort-", StringComparison.Ordinal));

    static IEnumerable<string> Exporters => SiteTruth.Exports.Except(Fused);

    [TestCaseSource(nameof(Fused))]
    public void An_unfused_graph_has_a_tensor_for_every_site_and_the_same_values(string export)
    {
        var model = SiteTruth.Model(export);
        var unfused = EncoderUnfusing.Apply(model, m => EncoderAnatomy.Find(m)!);
        var anatomy = EncoderAnatomy.Find(unfused)!;
        Assert.That(anatomy.Missing, Is.Empty);
        Assert.That(anatomy.Sites.Select(s => s.Tensor), Has.None.Null);
        Assert.That(AnatomyTable.Found(anatomy).Keys, Is.SupersetOf(SiteTruth.Of(export).Sites.Keys));
        Assert.That(anatomy.Layers.SelectMany(l => new[] { l.Query, l.Key, l.Value, l.AttentionOutput, l.FeedForwardIn, l.FeedForwardOut }), Is.All.Matches<LinearSite>(l => l.Bias is not null));

        var inputs = BackboneFixture.Load(export.Split('/')[0]).Inputs;
        var (expected, found) = (OrtRunner.Run(model, inputs), OrtRunner.Run(unfused, inputs));
        foreach (var output in expected.Keys)
            Assert.That(found[output].Values().Zip(expected[output].Values(), (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-5), output);
    }

    [TestCaseSource(nameof(Exporters))]
    public void Quantized_linear_layers_are_found_and_known_to_be_frozen(string export)
    {
        var model = SiteTruth.Model(export).Copy();
        DynamicQuantization.Apply(model, embeddings: true);
        var anatomy = EncoderAnatomy.Find(model)!;
        Assert.That(AnatomyTable.Found(anatomy).Keys, Is.SupersetOf(SiteTruth.Of(export).Sites.Keys));
        Assert.That(anatomy.Layers, Has.Count.EqualTo(SiteTruth.Of(export).Layers));
        Assert.That(Linears(anatomy), Is.All.Matches<LinearSite>(l => l.IsQuantized && l.Output is not null));
    }

    [TestCaseSource(nameof(Exporters))]
    public void What_onnx_runtime_optimizes_keeps_its_layers(string export)
    {
        using var folder = new TemporaryFolder();
        using (var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED, OptimizedModelFilePath = folder["model.onnx"] })
        using (new InferenceSession(SiteTruth.Model(export).ToBytes(), options))
        {
        }
        var (before, after) = (EncoderAnatomy.Find(SiteTruth.Model(export))!, EncoderAnatomy.Find(OnnxModel.Load(folder["model.onnx"]))!);
        Assert.That(Linears(after).Select(l => (l.InWidth, l.OutWidth, Bias: l.Bias is not null, string.Join(' ', l.Columns))),
            Is.EqualTo(Linears(before).Select(l => (l.InWidth, l.OutWidth, Bias: l.Bias is not null, string.Join(' ', l.Columns)))));
        Assert.That(after.Layers.Select(l => (l.NormStyle, l.Heads, l.AttentionNorm?.IsRms, l.FeedForwardNorm?.IsRms)), Is.EqualTo(before.Layers.Select(l => (l.NormStyle, l.Heads, l.AttentionNorm?.IsRms, l.FeedForwardNorm?.IsRms))));
        Assert.That(after.Layers.Select(l => l.RelativeKey is not null || after.Missing.ContainsKey($"layer.{l.Index}.attention.relative-k")), Is.All.EqualTo(before.Layers[0].RelativeKey is not null));
        Assert.That(after.FinalNorm is null, Is.EqualTo(before.FinalNorm is null));
    }

    static IEnumerable<LinearSite> Linears(EncoderAnatomy anatomy) => anatomy.Sites.Where(s => s.Layer is not null && !s.Role.Contains("relative", StringComparison.Ordinal)).Select(s => s.Linear).OfType<LinearSite>();
}
