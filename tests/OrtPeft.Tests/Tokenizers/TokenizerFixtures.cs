using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace OrtPeft.Tests;

/// <summary>Texts and tokenizers of the tests (Fixtures/tokenizers; written by export-tools/tokenizer-goldens).</summary>
static class TokenizerFixtures
{
    static readonly Lazy<JsonElement> TokenizerFiles = new(() => Json("tokenizers.json.br"));
    static readonly ConcurrentDictionary<string, Tokenizer> Loaded = new();
    static readonly Lazy<JsonElement> TextFile = new(() => Json("texts.json.br"));

    /// <summary>All single texts: the lists one after the other.</summary>
    internal static string[] Texts => [.. TextFile.Value.EnumerateObject().Where(p => p.Name != "pairs").SelectMany(p => p.Value.EnumerateArray()).Select(t => t.GetString()!)];

    internal static (string First, string Second)[] Pairs => [.. TextFile.Value.GetProperty("pairs").EnumerateArray().Select(p => (p[0].GetString()!, p[1].GetString()!))];

    internal static string[] TextList(string name) => [.. TextFile.Value.GetProperty(name).EnumerateArray().Select(t => t.GetString()!)];

    internal static byte[] Read(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder(), name));
        using var brotli = new BrotliStream(file, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        brotli.CopyTo(memory);
        return memory.ToArray();
    }

    internal static JsonElement Json(string name)
    {
        using var document = JsonDocument.Parse(Read(name));
        return document.RootElement.Clone();
    }

    /// <summary>One of the large tokenizers; each is loaded once.</summary>
    internal static Tokenizer Load(string name) => Loaded.GetOrAdd(name, n => Parse(FileOf(n)));

    internal static string FileOf(string name) => TokenizerFiles.Value.GetProperty(name).GetRawText();

    internal static Tokenizer Parse(string json) => new(TokenizerJson.Read(Encoding.UTF8.GetBytes(json), "tokenizer.json"), "");

    static string Folder()
    {
        var folder = TestContext.CurrentContext.TestDirectory;
        while (!Directory.Exists(Path.Combine(folder, "Fixtures", "tokenizers")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Fixtures/tokenizers");
        return Path.Combine(folder, "Fixtures", "tokenizers");
    }
}
