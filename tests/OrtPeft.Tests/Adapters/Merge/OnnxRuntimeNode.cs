using System.Diagnostics;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>ONNX Runtime 1.19.2 in its binding for Node: another program in another language that runs our models.</summary>
static class OnnxRuntimeNode
{
    /// <summary>The values of <paramref name="output"/> for int64 inputs.</summary>
    internal static float[] Run(string model, string output, IReadOnlyDictionary<string, (int[] Dims, long[] Data)> feeds)
    {
        using var folder = new TemporaryFolder();
        var inputs = feeds.ToDictionary(f => f.Key, f => new { dims = f.Value.Dims, data = f.Value.Data });
        File.WriteAllText(folder["job.json"], JsonSerializer.Serialize(new { model, output, feeds = inputs }));
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "onnxruntime-node", "run.mjs"), folder["job.json"], folder["answer.json"]]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, errors);
        return JsonSerializer.Deserialize<float[]>(File.ReadAllText(folder["answer.json"]))!;
    }
}
