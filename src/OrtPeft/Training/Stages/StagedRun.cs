namespace OrtPeft;

/// <summary>What a stage gave.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Adapter">Its result.</param>
/// <param name="Folder">Where that is; null when nothing is kept.</param>
/// <param name="Log">Its epochs, also those of an earlier process.</param>
sealed record StageResult(string Name, Adapter Adapter, string? Folder, IReadOnlyList<EpochResult> Log)
{
    /// <summary>Passes over the training part; a head that is computed at once makes none.</summary>
    internal int Epochs => Adapter.Method is ClosedFormOptions ? 0 : Log.Count;

    /// <summary>Wall time of its epochs.</summary>
    internal double Seconds => Log.Sum(epoch => epoch.Seconds);
}

/// <summary>Runs the stages before the last, one after the other. Each has a folder of its own below the result's, where a finished one is not run again.</summary>
static class StagedRun
{
    internal static string FolderOf(string folder) => Path.Combine(folder, "stages");

    /// <summary>Whether stages were begun in <paramref name="folder"/> and there is no result yet.</summary>
    internal static bool IsUnfinished(string folder) => Directory.Exists(FolderOf(folder)) && !File.Exists(Path.Combine(folder, Adapter.InfoFile));

    /// <summary>Trains what is missing of the stages; returns their results, and the method with what they found out.</summary>
    internal static async Task<(MethodOptions Method, IReadOnlyList<StageResult> Stages)> RunAsync(Tuner tuner, RunData data, IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        var stages = tuner.Method.Stages;
        var (done, results) = (new List<Adapter>(), new List<StageResult>());
        foreach (var (i, stage) in stages.Index())
        {
            Say(i, stage.Name);
            var run = new TuningRun(tuner with
            {
                Method = stage.Method(done),
                Training = stage.Training(tuner.Training),
                Stage = stage,
                AfterRun = done.LastOrDefault()?.Info.Run,
                RunFolder = tuner.RunFolder is { } folder ? Path.Combine(tuner.StagesFolder ?? FolderOf(folder), $"{i + 1}-{stage.Name}") : null,
                Trackers = [],
            }, data);
            var (adapter, log) = run.Finished() is { } finished ? (finished, LogOf(run.Folder!)) : await TrainAsync(run).ConfigureAwait(false);
            done.Add(adapter);
            results.Add(new StageResult(stage.Name, adapter, run.Folder, log));
        }
        Say(stages.Count, tuner.Method.Method);
        return (tuner.Method.After(done), results);

        // Time and epochs are for showing: a log that somebody removed must not stop a training.
        static IReadOnlyList<EpochResult> LogOf(string folder) => File.Exists(Path.Combine(folder, RunLog.FileName)) ? RunLog.Read(Path.Combine(folder, RunLog.FileName)) : [];

        void Say(int stage, string name) => progress?.Report(new TuningProgress { Notice = $"Stage {stage + 1} of {stages.Count + 1}: {name}." });

        async Task<(Adapter, IReadOnlyList<EpochResult>)> TrainAsync(TuningRun run)
        {
            var tuned = await run.TrainAsync(progress, cancellationToken).ConfigureAwait(false);
            if (tuned.Failure is { } failure)
                progress?.Report(new TuningProgress { Notice = failure });
            if (run.Folder is { } folder)
                tuned.Save(folder);
            return (tuned.Adapter, tuned.Epochs);
        }
    }
}
