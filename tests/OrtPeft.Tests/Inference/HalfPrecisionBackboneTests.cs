using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>The shipped backbones in half precision, with the processor in the place of a device: hidden states and predictions.</summary>
sealed class HalfPrecisionBackboneTests
{
    static readonly ExecutionOptions Single = new() { Provider = "cpu", Threads = 1 };
    static readonly ExecutionOptions Half = Single with { Options = new CpuOptions { Frozen = FrozenPrecision.Fp16 } };

    readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    /// <summary>Hidden states of real tokens: those of padding are nobody's.</summary>
    static float[] Hidden(Backbone backbone, ExecutionOptions execution, EncodedExample[] batch, string at = "last-hidden-state")
    {
        using var encoder = new FrozenEncoder(backbone, execution, BackboneSites.Resolve(backbone, at), intraOpThreads: 1);
        float[] values = [];
        encoder.Run(batch, (hidden, length) =>
        {
            var row = hidden.Length / (batch.Length * length);
            values = [.. hidden.ToArray().Where((_, i) => i / row % length < batch[i / row / length].Length)];
        });
        return values;
    }

    [TestCase("last-hidden-state")]
    [TestCase("layer.3")]
    [TestCase("last-2-layers")]
    public void Hidden_states_of_texts_are_near(string at)
    {
        var backbone = Backbone.Load(Path.GetDirectoryName(FixtureFiles.ShippedModel)!);
        EncodedExample[] batch = [.. new[] { "You have won a prize, click here!", "The meeting is on Thursday.", "x" }.Select(text => backbone.Read(new Example { Id = text, Text = text }, 32))];
        var expected = Hidden(backbone, Single, batch, at);
        var actual = Hidden(backbone, Half, batch, at);
        Assert.That(actual, Is.EqualTo(expected).Within(2e-2f));
        Assert.That(actual, Is.Not.EqualTo(expected));
    }

    [Test]
    public void Hidden_states_of_images_are_near()
    {
        var backbone = Backbone.Load(Path.Combine(FixtureFiles.Folder, "../../../onnx-models/vit-digits"));
        var digits = TextData.Load(Path.Combine(FixtureFiles.Folder, "uci-digits", "digits.csv.gz"), new ColumnNames { White = 16 }).Take(10);
        EncodedExample[] batch = [.. digits.Select(digit => backbone.Read(digit, 17))];
        Assert.That(Hidden(backbone, Half, batch), Is.EqualTo(Hidden(backbone, Single, batch)).Within(2e-2f));
    }

    [Test]
    public void Predictions_are_the_same()
    {
        Tuner.For(Tiny.Backbone()).With(new LdaOptions()).With(new FeatureOptions { MaxLength = 16 }).With(Single).CacheIn(_folder["features"]).FitAsync(Tiny.Mails(60)).GetAwaiter().GetResult().Save(_folder["adapter"]);
        using var single = Predictor.Load(_folder["adapter"], execution: Single);
        using var half = Predictor.Load(_folder["adapter"], execution: Half);
        var mails = Tiny.Mails(60, seed: 1);
        Assert.That(half.Predict(mails).Select(p => p.Label), Is.EqualTo(single.Predict(mails).Select(p => p.Label)));
    }
}
