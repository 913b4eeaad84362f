namespace OrtPeft.Tests;

/// <summary>Ctrl-C and kill -9 while a head is trained: `--resume` ends with the bytes of an undisturbed run.</summary>
[Platform(Exclude = "Win")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class TrainingInterruptedTests : IDisposable
{
    readonly Workplace _place = new();

    public TrainingInterruptedTests() => _place.CopyFrom(LongWork.Place, "sorted");

    static string[] Train => [.. LongWork.Train, "--out", "adapter"];

    [Test]
    public void Killed_at_any_moment_it_goes_on_to_the_same_bits([Range(0, 9)] int seed)
    {
        var random = new CounterRandom(seed, "kill training");
        string[] command = Train;
        for (var (kills, epochs) = (seed % 3 == 0 ? 2 : 1, 0); kills > 0; kills--)
        {
            epochs += random.NextInt32(LongWork.Epochs / 2);
            using (var run = Ortpeft.Start(_place.Folder, command))
            {
                run.Until(() => EpochsDone() >= epochs);
                Thread.Sleep(random.NextInt32(60)); // a moment that nothing in the program marks
                run.Kill();
                TestContext.Out.WriteLine($"killed after {EpochsDone()} epochs, exit code {run.End().ExitCode}");
            }
            command = [.. Train, "--resume"];
        }
        FinishesWithTheSameBits();
    }

    [TestCase(1)]
    [TestCase(9)]
    public void Ctrl_C_ends_it_in_good_order(int epochs)
    {
        using (var run = Ortpeft.Start(_place.Folder, Train))
        {
            run.Until(() => EpochsDone() >= epochs);
            run.PressCtrlC();
            var answer = run.End();
            Assert.That(answer.ExitCode, Is.EqualTo(CommandLine.Interrupted), answer.ToString());
            Assert.That(answer.Errors, Does.EndWith("Interrupted. Finished features and epochs are kept: run the same command again with --resume to go on.\n"));
        }
        Assert.That(Directory.EnumerateFiles(_place["adapter"], ".*", SearchOption.AllDirectories), Is.Empty, "no half a file");
        FinishesWithTheSameBits();
    }

    [Test]
    public void An_unfinished_run_is_only_taken_up_by_its_own_command_and_only_undamaged()
    {
        using (var run = Ortpeft.Start(_place.Folder, Train))
        {
            run.Until(() => File.Exists(_place["adapter/checkpoint/last.safetensors"]));
            run.Kill();
            run.End();
        }
        _place.Run("predict", "adapter", "--text", "free").Refused("holds an unfinished run; finish it with `train ... --resume`");
        _place.Run(Train).Refused("'adapter' holds an unfinished run. Add --resume to go on with it");
        _place.Run([.. Train, "--seed", "1", "--resume"]).Refused("had other options, data or backbone");
        var checkpoint = _place["adapter/checkpoint/last.safetensors"];
        TemporaryFolder.FlipBit(checkpoint, new FileInfo(checkpoint).Length / 2);
        _place.Run([.. Train, "--resume"]).Refused("checkpoint/last.safetensors", "checksum");
    }

    /// <summary>-1 before the training has begun.</summary>
    int EpochsDone()
    {
        try
        {
            return File.Exists(_place["adapter/metrics.jsonl"]) ? File.ReadLines(_place["adapter/metrics.jsonl"]).Count() : -1;
        }
        catch (IOException)
        {
            return -1; // it is being replaced at this moment
        }
    }

    void FinishesWithTheSameBits()
    {
        var answer = _place.Run([.. Train, "--resume", "--json"]).Done();
        Assert.That(answer.Json["epochs"]!.AsArray(), Has.Count.EqualTo(LongWork.Epochs));
        Assert.That(_place.Sha256("adapter/adapter.safetensors"), Is.EqualTo(LongWork.Place.Sha256("adapter/adapter.safetensors")));
        Assert.That(File.ReadLines(_place["adapter/metrics.jsonl"]).Count(), Is.EqualTo(LongWork.Epochs));
        Assert.That(Directory.Exists(_place["adapter/checkpoint"]), Is.False);
        Assert.That(Directory.EnumerateFiles(_place["adapter"], ".*", SearchOption.AllDirectories), Is.Empty);
    }

    public void Dispose() => _place.Dispose();
}
