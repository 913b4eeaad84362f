using System.Text;
using System.Text.Json;

namespace OrtPeft;

/// <summary>One use of a cache by a caching job, also the one that every training begins with.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="By">Program that used it.</param>
/// <param name="Data">The data set, where it has a name.</param>
/// <param name="Examples">Examples asked for.</param>
/// <param name="Computed">Examples computed.</param>
public sealed record FeatureUse(DateTime At, string By, string? Data, int Examples, int Computed);

/// <summary>`uses.jsonl`: who used a cache and when, a line each. A line that a crash cut short is cut back.</summary>
static class FeatureUses
{
    internal const string FileName = "uses.jsonl";
    const int Kept = 1000;

    /// <summary>Adds a line. Where that is not possible, as in a folder that may only be read, it is left.</summary>
    internal static void Add(string folder, FeatureUse use)
    {
        try
        {
            var path = Path.Combine(folder, FileName);
            var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(use, Json.Compact) + "\n");
            var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
            var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf((byte)'\n') + 1);
            if (whole.Count((byte)'\n') >= Kept)
                AtomicFile.WriteText(path, string.Concat(Read(folder).TakeLast(Kept / 2).Append(use).Select(u => JsonSerializer.Serialize(u, Json.Compact) + "\n")));
            else if (whole.Length == bytes.Length)
                Append(path, line);
            else
                AtomicFile.WriteText(path, Encoding.UTF8.GetString(whole) + Encoding.UTF8.GetString(line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OrtPeftException)
        {
            // Nothing depends on it.
        }
    }

    /// <summary>All uses, oldest first; lines that are no use are left out.</summary>
    internal static IReadOnlyList<FeatureUse> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? [.. File.ReadLines(path).Select(Parse).OfType<FeatureUse>()] : [];
    }

    static void Append(string path, byte[] line)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(line);
    }

    static FeatureUse? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FeatureUse>(line, Json.Compact);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
