using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>A vision Transformer is a backbone like any other: sites, cache, heads, predictions, export.</summary>
sealed class VisionBackboneTests
{
    static readonly string Model = Path.Combine(FixtureFiles.Folder, "../../../onnx-models/vit-digits");

    static readonly Lazy<TextData> AllDigits = new(() => TextData.Load(Path.Combine(FixtureFiles.Folder, "uci-digits", "digits.csv.gz"), new ColumnNames { White = 16 }));

    /// <summary>The first digits of the UCI set, of all ten kinds.</summary>
    static TextData Digits(int from, int count) => TextData.FromExamples(AllDigits.Value.Skip(from).Take(count));

    [Test]
    public void The_shipped_model_says_what_it_is()
    {
        var backbone = Backbone.Load(Model);
        Assert.That((backbone.Family, backbone.Layers, backbone.Heads, backbone.Hidden, backbone.Parameters), Is.EqualTo(("vit", 6, 4, 96, 455_424L)));
        Assert.That((backbone.Images!.Tokens, backbone.MaxPositions, backbone.Tokenizer), Is.EqualTo((17, 17, (Tokenizer?)null)));
        Assert.That(backbone.Images.Preparation!.ToString(), Does.StartWith("grey, resize 20x20 bilinear, crop 28x28, times 0.0039"));
        Assert.That(BackboneSites.Find(backbone).Keys, Is.EqualTo(new[] { "embeddings", "layer.0", "layer.1", "layer.2", "layer.3", "layer.4", "layer.5", "last-hidden-state" }));
        Assert.That(BackboneSites.Resolve(backbone, "layer.3").Tensors.Single(), Is.EqualTo(new SiteTensor(BackboneSites.Find(backbone)["layer.3"], 96, HasTokens: true)));
    }

    [Test]
    public void The_digits_are_prepared_as_those_the_reference_was_measured_with()
    {
        // Divided by 16, resized to 20 x 20 between pixel centres, 4 black pixels around.
        var digit = AllDigits.Value[0];
        float[] small = [.. digit.Image!.Decode().Levels.Select(level => level / 255)], prepared = new float[28 * 28];
        Backbone.Load(Model).Images!.RequirePreparation().Prepare(digit.Image, prepared);
        for (var y = 0; y < 28; y++)
        {
            for (var x = 0; x < 28; x++)
                Assert.That(prepared[28 * y + x], Is.EqualTo(y is < 4 or > 23 || x is < 4 or > 23 ? 0 : Between(small, y - 4, x - 4)).Within(1e-6));
        }

        static float Between(float[] image, int y, int x)
        {
            var (row, column) = (Math.Max(0, (y + 0.5) * 0.4 - 0.5), Math.Max(0, (x + 0.5) * 0.4 - 0.5));
            var (top, left) = ((int)row, (int)column);
            double At(int r, int c) => image[8 * Math.Min(7, r) + Math.Min(7, c)];
            var (down, right) = (row - top, column - left);
            return (float)((1 - down) * ((1 - right) * At(top, left) + right * At(top, left + 1)) + down * ((1 - right) * At(top + 1, left) + right * At(top + 1, left + 1)));
        }
    }

    /// <summary>A part of the table in tests/tables/README.md.</summary>
    [Test]
    public void Tuning_inside_the_model_learns_digits_of_another_source()
    {
        using var folder = new TemporaryFolder();
        var (train, test) = (Digits(0, 60), Digits(100, 300));
        var ttc = OrtPeft.Tuner.For(Backbone.Load(Model)).With(new TtcOptions { Pooling = PoolingKind.Cls }).CacheIn(folder["features"]).SaveIn(folder["adapter"])
            .With(new TrainingOptions { Epochs = 20, BatchSize = 32, LearningRate = 3e-3, Schedule = "one-cycle", KeepLast = true });
        var tuned = ttc.FitAsync(train, Digits(60, 20)).GetAwaiter().GetResult();
        tuned.Save(folder["adapter"]);
        // 13 norms of 96, six maps of 12 channels, ten labels.
        Assert.That(tuned.Adapter.Info.TrainableParameters, Is.EqualTo(13 * 192 + 6 * 156 + 970));
        using var predictor = Predictor.Load(folder["adapter"], Model);
        var accuracy = predictor.Evaluate(test).Classification.Accuracy.Value;
        TestContext.Out.WriteLine($"TTC on 60 digits: {accuracy:P1} of 300 others");
        Assert.That(accuracy, Is.GreaterThan(0.8));
        Assert.That(AdapterExport.Open(folder["adapter"], Model).ToOnnx(folder["onnx"]).MaxAbsError, Is.LessThan(1e-4));
    }

    [Test]
    public void Frozen_features_know_digits_of_another_source()
    {
        using var folder = new TemporaryFolder();
        var (train, test) = (Digits(0, 100), Digits(100, 300));
        var probe = OrtPeft.Tuner.For(Backbone.Load(Model)).With(new LinearProbeOptions { Pooling = PoolingKind.Cls }).CacheIn(folder["features"]).SaveIn(folder["adapter"]);
        var tuned = probe.FitAsync(train, train).GetAwaiter().GetResult();
        tuned.Save(folder["adapter"]);
        Assert.That(tuned.Adapter.Info.MaxLength, Is.EqualTo(17));

        using var predictor = Predictor.Load(folder["adapter"], Model);
        var report = predictor.Evaluate(test);
        Assert.That(report.Metrics["accuracy"], Is.GreaterThan(0.8), "a probe on ten digits of each kind is right for 90 % of the whole set, guessing for 10 %");
        Assert.That(predictor.Predict(test).Select(p => p.Label), Is.EqualTo(report.Predictions.Select(p => p.Label)));
        Assert.That(predictor.Predict(test[0].Image!).Label, Is.EqualTo(report.Predictions[0].Label));
        Assert.That(AdapterExport.Open(folder["adapter"], Model).ToOnnx(folder["exported"]).MaxAbsError, Is.LessThan(1e-4));
        Assert.That(File.Exists(folder["exported/preprocessor_config.json"]));
    }

    [Test]
    public void The_caching_job_is_the_one_of_texts()
    {
        using var place = new CachePlace { Backbone = Backbone.Load(Model) };
        var digits = Digits(0, 40);
        var options = CachePlace.Small with { At = "layer.5", TokensPerShard = 170 };
        Assert.That(place.Run("cache", digits, options), Has.Property("Computed").EqualTo(40).And.Property("Tokens").EqualTo(40 * 17));
        Assert.That(place.Run("cache", digits, options).Reused, Is.EqualTo(40));
        Assert.That(FeatureVerification.Run(place.Backbone, digits, place["cache"], options, new ExecutionOptions { Threads = 2 }).Holds);
        Assert.That(place.Values("cache", digits)[7], Has.Length.EqualTo(17 * 96));
    }

    [Test]
    public void Texts_and_images_are_told_apart()
    {
        using (var vision = new CachePlace { Backbone = Backbone.Load(Model) })
            Assert.That(() => vision.Run("cache", Tiny.Mails(3)), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("Example 'mail-0' is a text; the model 'vit-digits' reads images."));
        using var text = new CachePlace();
        Assert.That(() => text.Run("cache", Digits(0, 3)), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("Example '0' is an image; the model 'tiny-bert' reads texts."));
    }

    [Test]
    public void A_model_needs_the_preparation_that_belongs_to_it()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "model.onnx", "config.json" })
            File.Copy(Path.Combine(Model, file), folder[file]);
        Assert.That(() => FeatureFingerprint.Of(Backbone.Load(folder["."]), new FeatureOptions(), new ExecutionOptions()),
            Throws.TypeOf<OrtPeftException>().With.Message.Contains("has no preprocessor_config.json beside it"));
        File.WriteAllText(folder["preprocessor_config.json"], """{"size": 32}""");
        Assert.That(() => Backbone.Load(folder["."]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("prepares images as [batch, 1, 32, 32], but '").And.Message.Contains("takes pixel_values: float[batch, 1, 28, 28]"));
    }

    [Test]
    public void An_adapter_is_refused_when_images_are_prepared_otherwise()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in new[] { "model.onnx", "config.json", "preprocessor_config.json" })
            File.Copy(Path.Combine(Model, file), folder["model/" + file]);
        var tuned = OrtPeft.Tuner.For(Backbone.Load(folder["model"])).With(new RidgeOptions()).CacheIn(folder["features"]).FitAsync(Digits(0, 30), Digits(30, 30)).GetAwaiter().GetResult();
        tuned.Save(folder["adapter"]);
        File.WriteAllText(folder["model/preprocessor_config.json"], """{"size": 28}""");
        Assert.That(() => Predictor.Load(folder["adapter"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("was trained on images prepared otherwise (grey, resize 20x20 bilinear"));
    }
}
