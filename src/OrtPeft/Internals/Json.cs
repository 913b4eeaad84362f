using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtPeft;

/// <summary>The JSON dialect of every file and answer of this library: camelCase, enums as words, no nulls.</summary>
static class Json
{
    internal static readonly JsonSerializerOptions Compact = Options(indented: false);

    internal static readonly JsonSerializerOptions Indented = Options(indented: true);

    /// <summary>Reads a JSON file of this library.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="remedy">What to do when it is damaged, a sentence.</param>
    /// <exception cref="OrtPeftException">The file is missing, too large or not what <typeparamref name="T"/> expects.</exception>
    internal static T Read<T>(string path, string what, string remedy)
    {
        if (!File.Exists(path))
            throw new OrtPeftException($"{what}: file '{path}' does not exist.");
        if (new FileInfo(path).Length > 256 << 20)
            throw new OrtPeftException($"{what}: '{path}' is larger than 256 MiB, which no file of this kind is.");
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Indented) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new OrtPeftException($"{what}: '{path}' is damaged or of another version: {Fault(e)}. {remedy}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"{what}: '{path}' cannot be read: {e.Message}", e);
        }
    }

    static string Fault(JsonException e)
    {
        const string Missing = "required properties including: ";
        if (e.Message.IndexOf(Missing, StringComparison.Ordinal) is var at and >= 0)
            return $"it lacks {e.Message[(at + Missing.Length)..].TrimEnd('.')}";
        var place = e.Path is { Length: > 2 } path ? $" ({path[2..]})" : "";
        return e.LineNumber is { } line ? $"it is not what is expected in line {line + 1}, byte {e.BytePositionInLine + 1}{place}" : e.Message.TrimEnd('.');
    }

    internal static void Write<T>(string path, T value) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Indented));

    static JsonSerializerOptions Options(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
        WriteIndented = indented,
        MaxDepth = 32,
    };
}
