using System.Diagnostics;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>ONNX Runtime's own training runtime, version 1.19.2, in its WebAssembly build, run by Node.</summary>
static class OnnxRuntimeWeb
{
    /// <summary>The learning rate that this build always takes.</summary>
    internal const double LearningRate = 1e-3;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Does all jobs in one process: it takes seconds until it has compiled the runtime.</summary>
    internal static WebAnswer[] Train(IReadOnlyList<WebJob> jobs)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["jobs.json"], JsonSerializer.Serialize(jobs, Json));
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "onnxruntime-web", "train.mjs"), folder["jobs.json"], folder["answers.json"]]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, output.Result + errors);
        return JsonSerializer.Deserialize<WebAnswer[]>(File.ReadAllText(folder["answers.json"]), Json)!;
    }
}

/// <summary>Trains the artifacts in a folder with the batches in turn, and evaluates one more batch before and after.</summary>
sealed record WebJob(string Artifacts, int Steps, IReadOnlyList<WebBatch> Batches, WebBatch Held);

/// <summary>One batch by the names of the inputs.</summary>
sealed class WebBatch : Dictionary<string, WebTensor>;

sealed record WebTensor(string Type, long[] Dims, double[] Data);

/// <summary>What the training runtime gave; or what it said was wrong.</summary>
sealed record WebAnswer(float[]? Losses, Dictionary<string, float[]>? Before, Dictionary<string, float[]>? After, float[]? Parameters, string? Error);
