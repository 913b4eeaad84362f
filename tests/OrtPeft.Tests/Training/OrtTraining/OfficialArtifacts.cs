using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtPeft.Tests;

/// <summary>
/// Artifacts written by onnxruntime.training.artifacts.generate_artifacts 1.19.2 and what the native runtime of that version made of them:
/// gradients, losses, parameters after 1, 10, 100 and 110 steps.
/// </summary>
sealed class OfficialArtifacts : IDisposable
{
    internal static readonly string[] Names = ["linear-sgd", "linear-adamw", "mlp-adamw", "ytuning-adamw"];

    readonly TemporaryFolder _folder = new();
    readonly SafetensorsFile _values;

    internal OfficialArtifacts(string name)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "ort-artifacts", "official.zip"));
        foreach (var entry in archive.Entries.Where(e => e.FullName.StartsWith(name + "/", StringComparison.Ordinal)))
            entry.ExtractToFile(_folder[entry.Name]);
        _values = SafetensorsFile.Open(_folder["values.safetensors"]);
        Case = JsonNode.Parse(File.ReadAllText(_folder["case.json"]))!.AsObject();
    }

    internal string Folder => _folder["."];

    internal JsonObject Case { get; }

    internal string this[string file] => _folder[file];

    /// <summary>Micro-batches of a step.</summary>
    internal int Accumulated => (int)Case["accumulate"]!;

    internal IEnumerable<string> Tensors(string prefix) =>
        _values.Tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]);

    internal float[] Read(string tensor) => _values.ReadSingles(tensor);

    internal long[] ReadInt64s(string tensor) => _values.ReadInt64s(tensor);

    /// <summary>The inputs of batch number <paramref name="batch"/>, in the models' order.</summary>
    internal IReadOnlyList<OrtValue> Batch(int batch) => [.. Inputs.Select(name => Value($"batch.{name}", batch))];

    /// <summary>The inputs of the batch that nobody trains on.</summary>
    internal IReadOnlyList<OrtValue> Held => [.. Inputs.Select(name => Value($"held.{name}", null))];

    IEnumerable<string> Inputs => Case["train_inputs"]!.AsArray().Select(n => (string)n!);

    OrtValue Value(string tensor, int? row)
    {
        var shape = row is null ? [.. _values[tensor].Shape] : _values[tensor].Shape.Skip(1).ToArray();
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        var start = (row ?? 0) * count;
        return _values[tensor].DType == "I64"
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _values.ReadInt64s(tensor).AsMemory(start, count), shape)
            : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _values.ReadSingles(tensor).AsMemory(start, count), shape);
    }

    public void Dispose()
    {
        _values.Dispose();
        _folder.Dispose();
    }
}
