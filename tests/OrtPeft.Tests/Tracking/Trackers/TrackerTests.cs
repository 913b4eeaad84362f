using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrtPeft.Tests.Tracking;

sealed class TrackerTests
{
    static readonly TrackedRun Run = new("mails", new Dictionary<string, string> { ["epochs"] = "3", ["method"] = "y-tuning" }, DateTimeOffset.UnixEpoch.AddSeconds(1), []);

    static EpochResult Epoch(int number) => new()
    {
        Epoch = number,
        Loss = 0.5,
        DevLoss = double.NaN,
        Metrics = new Dictionary<string, double> { ["accuracy"] = 0.75 },
        Seconds = 1,
        Time = DateTimeOffset.UnixEpoch.AddSeconds(2),
    };

    [Test]
    public void Mlflow_gets_experiment_run_parameters_finite_metrics_and_the_end()
    {
        using var server = new MlflowServer();
        for (var run = 0; run < 2; run++)
        {
            using var trackers = new TrackerGroup([RunTrackers.Parse($"mlflow={server.Address}/spam%20filter")], Run, Assert.Fail, CancellationToken.None);
            trackers.Add(Epoch(1), []);
            trackers.Finished();
        }
        Assert.That(server.Requests, Is.EqualTo(new[]
        {
            "experiments/get-by-name", "experiments/create", "runs/create", "runs/log-batch", "runs/log-batch", "runs/update",
            "experiments/get-by-name", "runs/create", "runs/log-batch", "runs/log-batch", "runs/update",
        }));
        Assert.That(server.Parameters, Is.EquivalentTo(Run.Options));
        Assert.That(server.Metrics, Is.EqualTo(new[] { "1 loss/train 0.5 2000", "1 dev/accuracy 0.75 2000", "1 loss/train 0.5 2000", "1 dev/accuracy 0.75 2000" }));
        Assert.That(server.Status, Is.EqualTo("FINISHED"));
    }

    [Test]
    public void A_run_that_fails_or_is_stopped_says_so()
    {
        using var server = new MlflowServer();
        using (new TrackerGroup([RunTrackers.Parse($"mlflow={server.Address}")], Run, Assert.Fail, CancellationToken.None))
        {
        }
        Assert.That(server.Status, Is.EqualTo("FAILED"));
        using (new TrackerGroup([RunTrackers.Parse($"mlflow={server.Address}")], Run, Assert.Fail, new CancellationToken(canceled: true)))
        {
        }
        Assert.That(server.Status, Is.EqualTo("KILLED"));
    }

    [Test]
    public void A_server_that_breaks_is_said_once_and_training_goes_on()
    {
        using var server = new MlflowServer();
        List<string> said = [];
        using (var trackers = new TrackerGroup([RunTrackers.Parse($"mlflow={server.Address}")], Run, said.Add, CancellationToken.None))
        {
            server.Broken = true;
            trackers.Add(Epoch(1), []);
            trackers.Add(Epoch(2), []);
            trackers.Finished();
        }
        Assert.That(said.Single(), Does.StartWith("The run is no longer tracked by MlflowTracker: ").And.Contain("answered 500").And.EndWith("The training goes on."));
        Assert.That(server.Requests.Count(r => r == "runs/log-batch"), Is.EqualTo(2), "options and the one that failed");
    }

    [Test]
    public void A_server_that_is_not_there_costs_nothing_but_a_sentence()
    {
        using var folder = new TemporaryFolder();
        List<string> said = [];
        var tuner = Tuner.For(Tiny.Backbone()).With(new LinearProbeOptions()).With(new TrainingOptions { Epochs = 2 }).With(new FeatureOptions { MaxLength = 16 }).CacheIn(folder["features"]).SaveIn(folder["run"])
            .TrackWith("mlflow=http://127.0.0.1:1");
        var tuned = tuner.FitAsync(Tiny.Mails(30), Tiny.Mails(30, seed: 1), new Reports<TuningProgress>(p =>
        {
            if (p.Training?.Notice is { } notice)
                said.Add(notice);
        })).GetAwaiter().GetResult();
        Assert.That(tuned.Epochs, Has.Count.EqualTo(2));
        Assert.That(said.Single(), Does.StartWith("The run is no longer tracked by MlflowTracker"));
        var board = folder["run/tensorboard"];
        Assert.That(Directory.GetFiles(board, "events.out.tfevents.*"), Has.Length.EqualTo(1));
        Assert.That(File.ReadAllLines(Path.Combine(board, "features.tsv")).Select(l => l.Split('\t').Length), Is.EqualTo(Enumerable.Repeat(32, 30)), "vectors for the projector");
        Assert.That(File.ReadAllLines(Path.Combine(board, "metadata.tsv"))[..2], Is.EqualTo(new[] { "label\ttext", "spam\t" + Tiny.Mails(30, seed: 1)[0].Text }));
        Assert.That(File.ReadAllText(Path.Combine(board, "projector_config.pbtxt")), Does.Contain("tensor_path: \"features.tsv\""));
    }

    [TestCase("mlflow")]
    [TestCase("mlflow=")]
    [TestCase("mlflow=localhost:5000")]
    [TestCase("mlflow=ftp://localhost")]
    [TestCase("wandb=x")]
    public void A_tracker_that_is_none_is_refused(string wanted) =>
        Assert.That(() => RunTrackers.Parse(wanted), Throws.InstanceOf<OrtPeftException>().With.Message.StartsWith("--track"));

    [Test]
    public void A_histogram_counts_finite_values_in_thirty_buckets()
    {
        var histogram = ValueHistogram.Of([0, 3, 1.5f, 30, float.NaN, float.PositiveInfinity]);
        Assert.That((histogram.Min, histogram.Max, histogram.Count, histogram.Sum, histogram.SumOfSquares), Is.EqualTo((0.0, 30.0, 4L, 34.5, 911.25)));
        Assert.That(histogram.Limits, Is.EqualTo(Enumerable.Range(1, 30).Select(i => (double)i)).Within(1e-12));
        Assert.That(histogram.Counts.Select((c, i) => (c, i)).Where(b => b.c > 0), Is.EqualTo(new[] { (1L, 0), (1L, 1), (1L, 3), (1L, 29) }));
        Assert.That(ValueHistogram.Of([2, 2]).Counts[0], Is.EqualTo(2));
    }

    [Test]
    public void Listeners_in_the_process_hear_steps_losses_and_epochs()
    {
        long steps = 0, features = 0;
        List<double> losses = [];
        List<object?> epochs = [];
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == Telemetry.Name) listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => _ = instrument.Name == "ortpeft.training.steps" ? steps += value : Interlocked.Add(ref features, value));
        meters.SetMeasurementEventCallback<double>((_, value, _, _) => losses.Add(value));
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = a => epochs.Add(a.GetTagItem("epoch")),
        };
        ActivitySource.AddActivityListener(activities);

        using var folder = new TemporaryFolder();
        Tuner.For(Tiny.Backbone()).With(new LinearProbeOptions()).With(new TrainingOptions { Epochs = 3, BatchSize = 10 }).With(new FeatureOptions { MaxLength = 16 }).CacheIn(folder["features"])
            .FitAsync(Tiny.Mails(30), Tiny.Mails(30, seed: 1)).GetAwaiter().GetResult();
        Assert.That(steps, Is.EqualTo(9));
        Assert.That(features, Is.EqualTo(Tiny.Mails(30).Concat(Tiny.Mails(30, seed: 1)).Select(FeatureKey.Of).Distinct().Count()));
        Assert.That(losses, Has.Count.EqualTo(9));
        Assert.That(epochs.Where(e => e is int), Is.EqualTo(new object[] { 1, 2, 3 }));
    }
}
