using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// The largest memory of a process that trains inside the backbone: 16 mails of 128 tokens a step. Compared with the whole process of PyTorch and peft on the same
/// mails and batches, measured once elsewhere.
/// </summary>
static class TuningMemoryBenchmark
{
    /// <summary>Methods, and the resident memory of their reference in MB.</summary>
    static readonly (string Method, double Reference)[] Cases = [("lora", 1005), ("layer-norm", 941), ("bitfit", 930), ("ia3", 971), ("pasta", 971), ("aot-kron", 960)];

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            var (train, dev) = (Write("train.jsonl", input.Mails.Train, 64), Write("dev.jsonl", input.Mails.Dev, 16));
            return [.. Cases.Take(input.Quick ? 1 : Cases.Length).Select(c =>
            {
                input.Output.Say($"tuning-memory: {c.Method}");
                var peak = OwnProcess.Watch(["train", "--model", input.Backbone.Path, "--method", c.Method, "--train", train, "--dev", dev, "--max-length", "128", "--batch-size", "16", "--epochs", "2",
                    "--out", Path.Combine(folder.FullName, c.Method), "--threads", $"{input.Execution.EffectiveThreads}", "--quiet"], see: null, cancellationToken);
                return new BenchmarkRow("tuning-memory", $"process training {c.Method}, against PyTorch's", Measures.Bytes(peak), peak / (c.Reference * 1e6), "<= 0.5");
            })];
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        string Write(string name, TextData mails, int count)
        {
            var path = Path.Combine(folder.FullName, name);
            File.WriteAllLines(path, MailCorpus.Subset(mails, count).Select(e => JsonSerializer.Serialize(new { e.Id, e.Text, e.Label }, Json.Compact)));
            return path;
        }
    }
}
