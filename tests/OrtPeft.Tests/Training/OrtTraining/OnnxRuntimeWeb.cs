using System.Diagnostics;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>ONNX Runtime's own training runtime, version 1.19.2, in its WebAssembly build, run by Node.</summary>
static class OnnxRuntimeWeb
{
    /// <summary>The learning rate that this build always takes.</summary>
    internal const double LearningRate = 1e-3;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Trains the artifacts in <paramref name="folder"/> with <paramref name="batches"/> in turn.</summary>
    internal static WebAnswer Train(string folder, int steps, IReadOnlyList<WebBatch> batches, WebBatch held)
    {
        var (job, answer) = (Path.Combine(folder, "job.json"), Path.Combine(folder, "answer.json"));
        File.WriteAllText(job, JsonSerializer.Serialize(new { artifacts = folder, steps, batches, held }, Json));
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "onnxruntime-web", "train.mjs"), job, answer]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, output.Result + errors);
        return JsonSerializer.Deserialize<WebAnswer>(File.ReadAllText(answer), Json)!;
    }
}

/// <summary>One batch by the names of the inputs.</summary>
sealed class WebBatch : Dictionary<string, WebTensor>;

sealed record WebTensor(string Type, long[] Dims, double[] Data);

/// <summary>What the training runtime gave; or what it said was wrong.</summary>
sealed record WebAnswer(float[]? Losses, Dictionary<string, float[]>? Before, Dictionary<string, float[]>? After, float[]? Parameters, string? Error);
