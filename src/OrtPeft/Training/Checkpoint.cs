using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// The state of an unfinished run as one safetensors file, `checkpoint/last.safetensors`, replaced after every epoch. Tensors: `value/`,
/// `best/N/` for each epoch N that is kept, `observed/`, and one prefix per moment; step, epochs and the run's hash in the metadata.
/// </summary>
static class Checkpoint
{
    const string Observed = "observed/";

    internal static string FolderOf(string folder) => Path.Combine(folder, "checkpoint");

    static string FileOf(string folder) => Path.Combine(FolderOf(folder), "last.safetensors");

    /// <summary>Whether there is an unfinished run in <paramref name="folder"/>, be it one of its stages.</summary>
    internal static bool Exists(string folder) => File.Exists(FileOf(folder)) || StagedRun.IsUnfinished(folder);

    /// <summary>Refuses to begin over an unfinished run that nobody asked to resume, and to resume another run.</summary>
    /// <exception cref="OrtPeftException">One of the two, or the checkpoint is damaged.</exception>
    internal static void Check(string folder, string runHash, bool resume, bool overwrite)
    {
        if (!Exists(folder))
            return;
        if (!resume)
        {
            throw new OrtPeftException($"'{folder}' holds an unfinished run. Add --resume to go on with it, choose another --out, or delete " +
                $"'{(File.Exists(FileOf(folder)) ? FolderOf(folder) : StagedRun.FolderOf(folder))}' to begin again.");
        }
        if (!File.Exists(FileOf(folder)))
            return;
        using var file = SafetensorsFile.Open(FileOf(folder));
        if (!IsOf(file, runHash))
        {
            if (overwrite)
                return;
            throw new OrtPeftException($"The unfinished run in '{folder}' had other options, data or backbone (see its run.json). Repeat its command " +
                $"to resume, or delete '{FolderOf(folder)}' to begin again.");
        }
        file.VerifyChecksum();
    }

    /// <summary>The state to begin with: that of this run's checkpoint, if there is one, else <paramref name="initial"/>.</summary>
    internal static RunState Load(string? folder, string runHash, IReadOnlyList<TrainedTensor> initial)
    {
        if (folder is null || !File.Exists(FileOf(folder)))
            return RunState.Fresh(initial);
        using var file = SafetensorsFile.Open(FileOf(folder));
        if (!IsOf(file, runHash))
            return RunState.Fresh(initial);
        try
        {
            var epochs = JsonSerializer.Deserialize<List<EpochResult>>(file.Metadata["epochs"], Json.Compact)!;
            var kept = file.Metadata["best"].Split(',').Select(e => int.Parse(e, CultureInfo.InvariantCulture)).ToArray();
            if (kept.Any(e => e < 1 || e > epochs.Count))
                throw new FormatException();
            var moments = file.Metadata["moments"].Split(',', StringSplitOptions.RemoveEmptyEntries);
            var state = new TrainingState(long.Parse(file.Metadata["step"], CultureInfo.InvariantCulture), Read("value"), moments.ToDictionary(m => m, m => Read(m)));
            return new RunState(state, epochs, [.. kept.Select(e => new KeptEpoch(e, Read($"best/{e}")))]) { Observed = [.. ReadObserved()] };
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or KeyNotFoundException or ArgumentException)
        {
            throw SafetensorsFile.Broken(file.Path, $"its metadata are not those of a checkpoint. Delete '{FolderOf(folder)}' to begin again");
        }

        IEnumerable<TrainedTensor> ReadObserved() => file.Tensors.Values.Where(t => t.Name.StartsWith(Observed, StringComparison.Ordinal)).OrderBy(t => t.Offset)
            .Select(t => new TrainedTensor(t.Name[Observed.Length..], t.Shape, file.ReadSingles(t.Name)));

        IReadOnlyList<TrainedTensor> Read(string prefix) =>
            [.. initial.Select(t => new TrainedTensor(t.Name, file[$"{prefix}/{t.Name}"].Shape, file.ReadSingles($"{prefix}/{t.Name}")))];
    }

    static bool IsOf(SafetensorsFile file, string runHash) => file.Metadata.GetValueOrDefault("run") == runHash;

    internal static void Save(string? folder, string runHash, RunState run)
    {
        if (folder is null)
            return;
        var writer = new SafetensorsWriter()
            .Metadata("run", runHash)
            .Metadata("step", run.State.Step.ToString(CultureInfo.InvariantCulture))
            .Metadata("best", string.Join(',', run.Kept.Select(k => k.Epoch)))
            .Metadata("moments", string.Join(',', run.State.Moments.Keys))
            .Metadata("epochs", JsonSerializer.Serialize(run.Epochs, Json.Compact));
        Add("value", run.State.Values);
        foreach (var tensor in run.Observed)
            writer.Add(Observed + tensor.Name, tensor.Values, [.. tensor.Shape]);
        foreach (var kept in run.Kept)
            Add($"best/{kept.Epoch}", kept.Values);
        foreach (var (name, tensors) in run.State.Moments)
            Add(name, tensors);
        writer.WithChecksum().Write(FileOf(folder));

        void Add(string prefix, IReadOnlyList<TrainedTensor> tensors)
        {
            foreach (var tensor in tensors)
                writer.Add($"{prefix}/{tensor.Name}", tensor.Values, [.. tensor.Shape]);
        }
    }

    /// <summary>Removes the checkpoint of a run whose adapter is saved.</summary>
    internal static void Delete(string folder)
    {
        if (Directory.Exists(FolderOf(folder)))
            Directory.Delete(FolderOf(folder), recursive: true);
    }
}
