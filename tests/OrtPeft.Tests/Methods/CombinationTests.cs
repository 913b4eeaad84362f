namespace OrtPeft.Tests;

/// <summary>Several methods at once: how they are written, what is refused. That they obey the laws is shown by <see cref="ConformanceTests"/>.</summary>
sealed class CombinationTests
{
    [Test]
    public void Settings_are_one_method_s_or_all_methods()
    {
        var options = (CombinedOptions)TuningMethods.Parse("lora+bitfit", ["lora.rank=4", "headRate=1.5", "bitfit.biases=attention.q"]);
        var again = (CombinedOptions)TuningMethods.FromJson("lora+bitfit", TuningMethods.ToJson(options));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Parts, Is.EqualTo(new EncoderMethodOptions[] { new LoraOptions { Rank = 4, HeadRate = 1.5 }, new BitFitOptions { Biases = "attention.q", HeadRate = 1.5 } }));
            Assert.That(again.Parts, Is.EqualTo(options.Parts));
            Assert.That(TuningMethods.Settings(TuningMethods.ToJson(options)).Select(s => s.Name), Does.Contain("lora.rank").And.Contain("bitfit.biases"));
        }
    }

    [Test]
    public void Biases_that_two_methods_train_are_trained_once()
    {
        var (backbone, task) = (Tiny.Backbone(), new ClassificationTask(["a", "b"]));
        var biasesOfNorms = 3 * 2 * 32;
        Assert.That(Count("bitfit+layer-norm"), Is.EqualTo(Count("bitfit") + Count("layer-norm") - biasesOfNorms - Count("linear-probe")));

        long Count(string method) => TuningMethods.Parse(method, []).CountParameters(backbone, task);
    }

    [TestCase("lora+lora", "expected two methods or more, each once")]
    [TestCase("lora+", "Unknown method ''")]
    [TestCase("lora+mlp", "mlp does not train inside the backbone and cannot be combined")]
    [TestCase("lora+nothing", "Unknown method 'nothing'")]
    public void What_cannot_be_combined_is_refused(string method, string message) =>
        Assert.That(() => TuningMethods.Parse(method, []), Throws.TypeOf<OrtPeftException>().With.Message.Contains(message));

    [Test]
    public void A_setting_that_one_of_them_lacks_needs_the_other_s_name() =>
        Assert.That(() => TuningMethods.Parse("lora+bitfit", ["rank=4"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("Method 'bitfit' has no option 'rank'"));

    [Test]
    public void There_is_one_head() =>
        Assert.That(() => TuningMethods.Parse("lora+bitfit", ["lora.pooling=cls"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("Give them without a method's name"));

    [Test]
    public async Task A_combination_is_trained_saved_and_used([Values("lora+bitfit", "bitfit+pasta+ia3")] string method)
    {
        using var folder = new TemporaryFolder();
        var tuned = await Tuner.For(Tiny.Backbone()).With(TuningMethods.Parse(method, ["backboneDropout=0.1"])).With(new FeatureOptions { MaxLength = 32 }).With(new TrainingOptions { Epochs = 3, BatchSize = 8 })
            .CacheIn(folder["features"]).FitAsync(Tiny.Mails(96), Tiny.Mails(24, seed: 1));
        tuned.Save(folder["adapter"]);
        using var predictor = Predictor.Load(folder["adapter"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tuned.Epochs[^1].Loss, Is.LessThan(tuned.Epochs[0].Loss));
            Assert.That(predictor.Evaluate(Tiny.Mails(24, seed: 1)).Predictions.Select(p => p.Score), Is.EqualTo(tuned.Dev.Predictions.Select(p => p.Score)));
        }
    }
}
