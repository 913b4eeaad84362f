using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtPeft;

/// <summary>
/// metrics.jsonl: one JSON object an epoch, appended and flushed as soon as the epoch is over. Learning curves and TensorBoard files are views of it.
/// </summary>
public sealed class RunLog
{
    internal const string FileName = "metrics.jsonl";

    readonly string _path;
    readonly List<EpochResult> _epochs;

    /// <summary>Starts a log, or goes on with one: keeps the first <paramref name="epochsDone"/> epochs of an existing file and drops
    /// what a killed run wrote after its last checkpoint.</summary>
    /// <exception cref="OrtPeftException">The file cannot be read or written, or does not hold these epochs.</exception>
    public RunLog(string path, int epochsDone = 0)
    {
        _path = path;
        _epochs = epochsDone == 0 ? [] : [.. Read(path).Take(epochsDone)];
        if (_epochs.Count < epochsDone)
            throw new OrtPeftException(
                $"{path} holds only {_epochs.Count} of the checkpoint's {epochsDone} epochs. Start the run anew, without resuming.");
        AtomicFile.WriteText(path, string.Concat(_epochs.Select(Line)));
    }

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Appends an epoch.</summary>
    /// <exception cref="OrtPeftException">The file cannot be written.</exception>
    public void Add(EpochResult epoch)
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(Encoding.UTF8.GetBytes(Line(epoch)));
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"Cannot append to '{_path}': {e.Message}", e);
        }
        _epochs.Add(epoch);
    }

    /// <summary>Reads the epochs of a metrics.jsonl. A last line that was cut off by a kill is left out.</summary>
    /// <exception cref="OrtPeftException">The file is missing or a line is malformed.</exception>
    public static IReadOnlyList<EpochResult> Read(string path)
    {
        using var lines = new LineReader(path);
        List<EpochResult> epochs = [];
        while (lines.Read())
        {
            if (lines.LineBreak.Length == 0)
                break;
            try
            {
                epochs.Add(JsonSerializer.Deserialize(lines.Line.Span, RunLogJson.Default.EpochResult) ?? throw new JsonException("it is null"));
            }
            catch (JsonException e)
            {
                throw DataError.At(path, lines.LineNumber, $"no epoch of a training run: {e.Message}", e);
            }
        }
        return epochs;
    }

    static string Line(EpochResult epoch) => JsonSerializer.Serialize(epoch, RunLogJson.Default.EpochResult) + "\n";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = false)]
[JsonSerializable(typeof(EpochResult))]
sealed partial class RunLogJson : JsonSerializerContext;
