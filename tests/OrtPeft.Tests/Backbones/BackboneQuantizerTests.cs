using OrtPeft.Graphs;

namespace OrtPeft.Tests;

sealed class BackboneQuantizerTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void An_int8_backbone_is_smaller_nearly_the_same_and_another_one(bool embeddings)
    {
        using var folder = new TemporaryFolder();
        var original = Tiny.Backbone();
        var quantized = BackboneQuantizer.Write(original, folder["int8"], embeddings);
        Assert.That((quantized.MatMuls, quantized.Left), Is.EqualTo((3 * 6, 0)), "query, key, value, output, two of the feed-forward in each of 3 layers");
        Assert.That(quantized.BytesAfter, Is.LessThan(quantized.BytesBefore * 0.6));
        Assert.That(quantized.Backbone.Model.Graph.Nodes.Count(n => n.OpType == "MatMulInteger"), Is.EqualTo(18));
        Assert.That(quantized.Backbone.Model.Graph.Nodes.Count(n => n.OpType == "DynamicQuantizeLinear"), Is.EqualTo(3 * 4), "query, key and value share one");
        Assert.That(quantized.Backbone.Sha256, Is.Not.EqualTo(original.Sha256));
        Assert.That(quantized.Backbone.RequireTokenizer().Sha256, Is.EqualTo(original.RequireTokenizer().Sha256));
        var report = QuantizationReport.Measure(original, quantized, Tiny.Mails(60), 32, new ExecutionOptions { Threads = 1 }, rounds: 1);
        Assert.That(report.CosineMin, Is.GreaterThan(0.99));
        Assert.That(report.CosineMean, Is.InRange(report.CosineMin, 1));
        Assert.That(report.SameNearest, Is.GreaterThan(0.7));
        Assert.That(report.Speed, Is.Positive);
    }

    [Test]
    public void A_column_s_weights_are_off_by_half_its_step_at_most()
    {
        float[] weight = [1, 0, 300, -0.5f, 0, 100, 0.25f, 0, -300];
        var (values, scales) = DynamicQuantization.ByColumn(weight, 3, 3);
        Assert.That(scales, Is.EqualTo(new[] { 1f / 127, 1f, 300f / 127 }));
        Assert.That(values.Select((q, i) => q * scales[i % 3]), Is.EqualTo(weight).Within(300 / 127f / 2));
        Assert.That((values[0], values[2], values[8]), Is.EqualTo(((sbyte)127, (sbyte)127, (sbyte)-127)));
    }

    [Test]
    public void Caches_and_adapters_of_the_one_are_refused_by_the_other()
    {
        using var folder = new TemporaryFolder();
        var int8 = BackboneQuantizer.Write(Tiny.Backbone(), folder["int8"]).Backbone;
        var options = new FeatureOptions { MaxLength = 16 };
        var first = FeatureJob.RunAsync(Tiny.Backbone(), Tiny.Mails(10), folder["cache"], options).GetAwaiter().GetResult();
        var second = FeatureJob.RunAsync(int8, Tiny.Mails(10), folder["cache"], options).GetAwaiter().GetResult();
        Assert.That(second.Folder, Is.Not.EqualTo(first.Folder));
        Assert.That(second.Notices, Has.Some.Contains("(backbone is "));

        var tuned = Tuner.For(int8).With(new LinearProbeOptions()).With(options).With(new TrainingOptions { Epochs = 1 }).CacheIn(folder["cache"])
            .FitAsync(Tiny.Mails(30), Tiny.Mails(10, seed: 1)).GetAwaiter().GetResult();
        tuned.Save(folder["adapter"]);
        Assert.That(() => Predictor.Load(folder["adapter"], Tiny.ModelFolder), Throws.TypeOf<OrtPeftException>());
        using var predictor = Predictor.Load(folder["adapter"], folder["int8"]);
        Assert.That(predictor.Predict("free prize").Label, Is.AnyOf("ham", "spam"));
    }

    [Test]
    public void A_folder_with_something_in_it_and_a_model_without_weights_are_refused()
    {
        using var folder = new TemporaryFolder();
        var int8 = BackboneQuantizer.Write(Tiny.Backbone(), folder["int8"]).Backbone;
        Assert.That(() => BackboneQuantizer.Write(Tiny.Backbone(), folder["int8"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("not an empty folder"));
        Assert.That(() => BackboneQuantizer.Write(int8, folder["again"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("nothing to quantize"));
        Assert.That(Directory.Exists(folder["again"]), Is.False);
    }
}
