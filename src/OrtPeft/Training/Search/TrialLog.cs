using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>trials.jsonl: a line that says which search it is, then one for each finished training, appended and flushed at once.</summary>
sealed class TrialLog : IDisposable
{
    readonly FileStream _file;
    readonly Dictionary<(int Round, int Trial), SearchTrial> _trials;

    TrialLog(FileStream file, Dictionary<(int Round, int Trial), SearchTrial> trials)
    {
        _file = file;
        _trials = trials;
    }

    /// <summary>Starts a log, or goes on with one of the same <paramref name="search"/>. A last line that was cut off by a kill is dropped.</summary>
    /// <exception cref="OrtPeftException">The file is of another search, or cannot be read or written.</exception>
    internal static TrialLog Open(string folder, string search)
    {
        var path = Path.Combine(folder, HyperparameterSearch.FileName);
        var header = new JsonObject { ["search"] = search }.ToJsonString(Json.Compact);
        List<string> lines = [header];
        var trials = new Dictionary<(int, int), SearchTrial>();
        if (File.Exists(path))
        {
            using var reader = new LineReader(path);
            for (var first = true; reader.Read() && reader.LineBreak.Length > 0; first = false)
            {
                var line = Encoding.UTF8.GetString(reader.Line.Span);
                if (first)
                {
                    if (line != header)
                        throw new OrtPeftException($"'{path}' holds another search: other options, data or backbone. Choose another --out, or delete the file to begin again.");
                    continue;
                }
                var trial = Parse(path, reader.LineNumber, line);
                trials[(trial.Round, trial.Trial)] = trial;
                lines.Add(line);
            }
        }
        AtomicFile.WriteText(path, string.Concat(lines.Select(l => l + "\n")));
        return new TrialLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read), trials);
    }

    internal SearchTrial? Find(int round, int trial) => _trials.GetValueOrDefault((round, trial));

    internal void Add(SearchTrial trial)
    {
        _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(trial, Json.Compact) + "\n"));
        _file.Flush(flushToDisk: true);
    }

    static SearchTrial Parse(string path, long number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SearchTrial>(line, Json.Compact) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw DataError.At(path, number, $"no training of a search: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
