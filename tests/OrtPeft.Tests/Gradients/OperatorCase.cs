using System.Text.Json;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Small graphs with inputs, outputs and gradients in float64 from another implementation (Fixtures/operators).</summary>
sealed class OperatorCase
{
    static readonly Lazy<Dictionary<string, byte[]>> Archive = new(() => FixtureFiles.Unzip("operators/cases.zip"));

    OperatorCase(JsonElement json)
    {
        Name = json.GetProperty("name").GetString()!;
        Opset = json.GetProperty("opset").GetInt32();
        Nodes = [.. json.GetProperty("nodes").EnumerateArray().Select(n => n.GetString()!)];
        Operator = json.TryGetProperty("op", out var op) ? op.GetString()! : "(pattern)";
        ForwardTolerance = json.GetProperty("tolerance").GetProperty("forward").GetDouble();
        GradientTolerance = json.GetProperty("tolerance").TryGetProperty("gradient", out var t) && t.ValueKind == JsonValueKind.Number ? t.GetDouble() : 1e-5;
        Outputs = [.. json.GetProperty("outputs").EnumerateArray()];
        OtherSizes = json.TryGetProperty("other_sizes", out var sizes) ? sizes : null;
    }

    internal string Name { get; }

    internal string Operator { get; }

    internal int Opset { get; }

    internal string[] Nodes { get; }

    internal double ForwardTolerance { get; }

    internal double GradientTolerance { get; }

    internal JsonElement[] Outputs { get; }

    internal JsonElement? OtherSizes { get; }

    internal OnnxModel Model => OnnxModel.FromBytes(Archive.Value[Name + ".onnx"], Name);

    internal byte[] ModelBytes => Archive.Value[Name + ".onnx"];

    internal Dictionary<string, TestTensor> Tensors => TestTensor.ReadSafetensors(Archive.Value[Name + ".safetensors"]);

    internal static IReadOnlyList<OperatorCase> All { get; } =
        [.. JsonDocument.Parse(Archive.Value["cases.json"]).RootElement.EnumerateArray().Select(c => new OperatorCase(c))];

    public override string ToString() => Name;
}
