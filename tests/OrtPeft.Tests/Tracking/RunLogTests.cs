using NUnit.Framework;

namespace OrtPeft.Tests.Tracking;

sealed class RunLogTests
{
    string _path = null!;

    [SetUp]
    public void CreateFolder() => _path = Path.Combine(Directory.CreateTempSubdirectory("ortpeft-log-").FullName, "metrics.jsonl");

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    internal static EpochResult Epoch(int epoch, double loss = 0.5) => new()
    {
        Epoch = epoch,
        Loss = loss,
        DevLoss = 0.25,
        Metrics = new Dictionary<string, double> { ["accuracy"] = 0.75, ["macroF1"] = 0.625 },
        LearningRate = 0.001,
        Seconds = 1.5,
        Time = new(2026, 1, 2, 3, 4, epoch, TimeSpan.Zero),
    };

    [Test]
    public void Every_epoch_is_a_line_as_soon_as_it_is_added()
    {
        RunLog log = new(_path);
        log.Add(Epoch(1));
        log.Add(new() { Epoch = 2, Loss = double.NaN, Seconds = 1, Time = DateTimeOffset.UnixEpoch });

        Assert.That(File.ReadAllText(_path), Is.EqualTo(
            """
            {"epoch":1,"loss":0.5,"devLoss":0.25,"metrics":{"accuracy":0.75,"macroF1":0.625},"learningRate":0.001,"seconds":1.5,"time":"2026-01-02T03:04:01+00:00"}
            {"epoch":2,"loss":"NaN","metrics":{},"seconds":1,"time":"1970-01-01T00:00:00+00:00"}

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void What_was_written_is_read()
    {
        RunLog log = new(_path);
        log.Add(Epoch(1));
        log.Add(Epoch(2, loss: double.PositiveInfinity));

        var epochs = RunLog.Read(_path);

        Assert.That(epochs.Select(e => (e.Epoch, e.Loss, e.DevLoss, e.LearningRate, e.Seconds, e.Time.Second)),
            Is.EqualTo(new[] { (1, 0.5, 0.25, 0.001, 1.5, 1), (2, double.PositiveInfinity, 0.25, 0.001, 1.5, 2) }));
        Assert.That(epochs[0].Metrics, Is.EqualTo(new Dictionary<string, double> { ["accuracy"] = 0.75, ["macroF1"] = 0.625 }));
    }

    [Test]
    public void Going_on_drops_what_came_after_the_checkpoint()
    {
        RunLog killed = new(_path);
        for (var epoch = 1; epoch <= 3; epoch++)
            killed.Add(Epoch(epoch));
        File.AppendAllText(_path, "{\"epoch\":4,\"lo");

        Assert.That(RunLog.Read(_path).Select(e => e.Epoch), Is.EqualTo(new[] { 1, 2, 3 }));
        RunLog resumed = new(_path, epochsDone: 2);
        resumed.Add(Epoch(3, loss: 0.125));

        Assert.That(resumed.Epochs.Select(e => e.Loss), Is.EqualTo(new[] { 0.5, 0.5, 0.125 }));
        Assert.That(RunLog.Read(_path).Select(e => (e.Epoch, e.Loss)), Is.EqualTo(new[] { (1, 0.5), (2, 0.5), (3, 0.125) }));
    }

    [Test]
    public void Starting_anew_empties_the_file()
    {
        new RunLog(_path).Add(Epoch(1));
        _ = new RunLog(_path);

        Assert.That(File.ReadAllText(_path), Is.Empty);
    }

    [Test]
    public void A_log_that_does_not_fit_the_checkpoint_is_refused()
    {
        new RunLog(_path).Add(Epoch(1));
        Assert.That(() => new RunLog(_path, epochsDone: 2), Throws.TypeOf<OrtPeftException>().With.Message.Contain("holds only 1 of the checkpoint's 2 epochs"));

        foreach (var line in new[] { "{}\n", "null\n", "x\n" })
        {
            File.WriteAllText(_path, line);
            Assert.That(() => new RunLog(_path, epochsDone: 1), Throws.TypeOf<OrtPeftException>().With.Message.Contain(", line 1: no epoch of a training run"));
        }
    }
}
