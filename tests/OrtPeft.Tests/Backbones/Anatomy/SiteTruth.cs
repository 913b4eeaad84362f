using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>Where each site and its parameters are in one export, told by whoever made it (Fixtures/anatomy.json.br).</summary>
sealed record SiteTruth(int Layers, int Heads, int HeadWidth, string NormStyle, string NormKind, Dictionary<string, SiteTruth.Site> Sites)
{
    static readonly Lazy<Dictionary<string, SiteTruth>> File = new(Read);

    /// <summary>A site: its tensor (null when it is fused), later copies of it, and its parameters.</summary>
    internal sealed record Site(string? Tensor, string[]? Copies, Place? Weight, Place? Bias);

    /// <summary>A parameter: initializers that hold it, how it lies there, and the places that read it ("operator input first-output").</summary>
    internal sealed record Place(string Form, string[] Names, string[] At, int Offset);

    /// <summary>Backbone and export, for example "bert/legacy-opset14.onnx".</summary>
    internal static IEnumerable<string> Exports => File.Value.Keys;

    internal static SiteTruth Of(string export) => File.Value[export];

    internal static OnnxModel Model(string export) => export.StartsWith("minilm-real", StringComparison.Ordinal)
        ? OnnxModel.Load(FixtureFiles.ShippedModel) : BackboneFixture.Load(export.Split('/')[0]).Model(export.Split('/')[1]);

    static Dictionary<string, SiteTruth> Read()
    {
        using var file = System.IO.File.OpenRead(Path.Combine(FixtureFiles.Folder, "anatomy.json.br"));
        using var json = new BrotliStream(file, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Dictionary<string, SiteTruth>>(json, JsonSerializerOptions.Web)!;
    }
}
