namespace OrtPeft.Tests;

sealed class SearchTests
{
    static readonly SearchOptions Options = new() { Trials = 9, BatchSizes = [8, 16], Reduction = 3 };

    static Tuner Tuner(TemporaryFolder folder) => OrtPeft.Tuner.For(Tiny.Backbone()).With(new LinearProbeOptions()).With(new FeatureOptions { MaxLength = 16 })
        .With(new TrainingOptions { Epochs = 9, Seed = 2 }).CacheIn(folder["features"]);

    static IReadOnlyList<SearchTrial> Search(TemporaryFolder folder, SearchOptions options, IProgress<SearchTrial>? progress = null, CancellationToken cancellationToken = default) =>
        HyperparameterSearch.RunAsync(Tuner(folder), Tiny.Mails(60), Tiny.Mails(30, seed: 1), options, folder["search"], progress, cancellationToken).GetAwaiter().GetResult();

    [TestCase(9, 9, 3, "9x1 3x3 1x9")]
    [TestCase(40, 4, 3, "40x1 13x4")]
    [TestCase(40, 60, 3, "40x2 13x7 4x20 1x60")]
    [TestCase(2, 10, 3, "2x10")]
    [TestCase(8, 1, 2, "8x1")]
    public void Rounds_give_fewer_settings_more_epochs(int trials, int epochs, int reduction, string expected) =>
        Assert.That(string.Join(' ', HyperparameterSearch.Rounds(trials, epochs, reduction).Select(r => $"{r.Trials}x{r.Epochs}")), Is.EqualTo(expected));

    [Test]
    public void The_best_settings_go_on_and_a_stopped_search_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var undisturbed = Search(folder, Options);
        Assert.That(undisturbed.Select(t => t.Round), Is.EqualTo(new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3 }));
        var best = undisturbed.Where(t => t.Round == 1).OrderByDescending(t => t.Metric).ThenBy(t => t.Trial).Take(3).Select(t => t.Trial);
        Assert.That(undisturbed.Where(t => t.Round == 2).Select(t => t.Trial), Is.EquivalentTo(best));
        Assert.That(HyperparameterSearch.Best(undisturbed), Is.EqualTo(undisturbed[^1]));
        Assert.That(undisturbed.Select(t => t.LearningRate), Is.All.InRange(Options.LearningRateFrom, Options.LearningRateTo));
        Assert.That(undisturbed.Take(3).Select(t => t.BatchSize), Is.EqualTo(new[] { 8, 16, 8 }));

        var lines = File.ReadAllLines(folder["search/trials.jsonl"]);
        Assert.That(lines, Has.Length.EqualTo(14));
        File.WriteAllText(folder["search/trials.jsonl"], string.Join('\n', lines[..6]) + "\n" + lines[6][..20]);
        var resumed = Search(folder, Options);
        Assert.That(resumed.Select(t => t with { Seconds = 0 }), Is.EqualTo(undisturbed.Select(t => t with { Seconds = 0 })));
        Assert.That(resumed.Take(5).Select(t => t.Seconds), Is.EqualTo(undisturbed.Take(5).Select(t => t.Seconds)), "those were not trained again");
    }

    [Test]
    public void Another_search_in_the_same_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        Search(folder, Options with { Trials = 1 });
        Assert.That(() => Search(folder, Options with { Trials = 2 }), Throws.InstanceOf<OrtPeftException>().With.Message.Contains("holds another search"));
    }

    [Test]
    public void A_setting_that_diverges_is_the_worst_and_does_not_end_the_search()
    {
        using var folder = new TemporaryFolder();
        var trials = HyperparameterSearch.RunAsync(Tuner(folder).With(new TrainingOptions { Epochs = 1, Optimizer = "sgd", Clip = 0, Warmup = 0, Schedule = "constant", WeightDecay = 10 })
            .With(new MlpOptions()), Tiny.Mails(60), Tiny.Mails(30, seed: 1), new SearchOptions { Trials = 2, BatchSizes = [1], LearningRateFrom = 100, LearningRateTo = 100 }, folder["search"])
            .GetAwaiter().GetResult();
        Assert.That(trials.Select(t => t.Failure), Has.Some.Not.Null);
        Assert.That(trials.Where(t => t.Failure != null).Select(t => t.Metric), Is.All.EqualTo(double.MinValue));
    }

    [TestCase(0, 1e-4, 1e-2, "--trials is 0; expected 1 to 100,000.")]
    [TestCase(1, 0.0, 1e-2, "--learning-rate-from is 0; expected above 0, at most 100.")]
    [TestCase(1, 1e-2, 1e-4, "--learning-rate-to is 0.0001; expected at least --learning-rate-from, at most 100.")]
    public void Options_are_checked(int trials, double from, double to, string message) =>
        Assert.That(() => new SearchOptions { Trials = trials, LearningRateFrom = from, LearningRateTo = to }.Validate(), Throws.InstanceOf<OrtPeftException>().With.Message.EqualTo(message));

    [Test]
    public void The_range_test_suggests_where_the_loss_falls_fastest()
    {
        // Flat, then falling most steeply at 1e-3, then flat, then up.
        double[] losses = [1, 1, 1, 1, 0.9, 0.5, 0.1, 0.05, 0.05, 0.1];
        var points = losses.Select((loss, i) => new LearningRatePoint(Math.Pow(10, i - 8), loss)).ToArray();
        Assert.That(LearningRateFinder.Suggest(points), Is.EqualTo(1e-3).Within(1e-12));
    }

    [Test]
    public void The_range_test_ends_where_the_loss_is_four_times_its_least()
    {
        var points = LearningRateFinder.Smooth([new(1, 1), new(2, 1), new(3, 100), new(4, 1)]);
        Assert.That(points.Select(p => p.LearningRate), Is.EqualTo(new[] { 1.0, 2.0 }));
        Assert.That(points.Select(p => p.Loss), Is.EqualTo(new[] { 1.0, 1.0 }).Within(1e-12));
    }

    [Test]
    public void The_range_test_trains_one_pass_with_a_rising_rate()
    {
        using var folder = new TemporaryFolder();
        var (points, suggestion) = LearningRateFinder.RunAsync(Tuner(folder).With(new TrainingOptions { BatchSize = 4 }), Tiny.Mails(80), Tiny.Mails(30, seed: 1)).GetAwaiter().GetResult();
        Assert.That(points[0].LearningRate, Is.EqualTo(1e-5).Within(1e-12));
        Assert.That(points.Select(p => p.LearningRate), Is.Ordered.And.All.LessThan(1));
        Assert.That(suggestion, Is.InRange(1e-5, 1));
    }
}
