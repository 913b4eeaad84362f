using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>One tiny encoder: its ONNX exports, inputs, exact gradients, and where each site and parameter is in each export (Fixtures/backbones).</summary>
sealed class BackboneFixture
{
    static readonly ConcurrentDictionary<string, BackboneFixture> Loaded = [];

    readonly Dictionary<string, byte[]> _files = [];

    BackboneFixture(string name)
    {
        Name = name;
        using var file = File.OpenRead(Path.Combine(FixtureFiles.Folder, "backbones", name + ".tar.br"));
        using var brotli = new BrotliStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(brotli);
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var bytes = new MemoryStream();
            entry.DataStream!.CopyTo(bytes);
            _files.Add(entry.Name, bytes.ToArray());
        }
        Tensors = TestTensor.ReadSafetensors(_files["tensors.safetensors"]);
        Sites = JsonDocument.Parse(_files["sites.json"]).RootElement;
    }

    internal static string[] Names { get; } =
        [.. Directory.GetFiles(Path.Combine(FixtureFiles.Folder, "backbones")).Select(f => Path.GetFileName(f).Split('.')[0]).Order()];

    internal static BackboneFixture Load(string name) => Loaded.GetOrAdd(name, n => new BackboneFixture(n));

    internal string Name { get; }

    internal IEnumerable<string> Exports => _files.Keys.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal));

    internal Dictionary<string, TestTensor> Tensors { get; }

    internal JsonElement Sites { get; }

    internal Dictionary<string, TestTensor> Inputs =>
        Tensors.Where(t => t.Key.StartsWith("in/", StringComparison.Ordinal)).ToDictionary(t => t.Key[3..], t => t.Value);

    internal TestTensor Gradient(string name) => Tensors["gradient/" + name];

    /// <summary>The gradient of the loss with respect to last_hidden_state: R, which counts at unmasked positions only.</summary>
    internal TestTensor MaskedUpstream()
    {
        var r = Gradient("R");
        if (!Tensors.TryGetValue("in/attention_mask", out var mask))
            return r;
        var kept = mask.Values();
        var width = (int)r.Shape[2];
        return TestTensor.Of([.. r.Values().Select((v, i) => (float)(v * kept[i / width]))], r.Shape);
    }

    internal byte[] Bytes(string export) => _files[export];

    internal OnnxModel Model(string export) => OnnxModel.FromBytes(_files[export], $"{Name}/{export}");
}
