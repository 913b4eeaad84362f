using System.Diagnostics;
using System.Globalization;

namespace OrtPeft.Gpu;

/// <summary>
/// The frozen encoder against an encoder of the same size in PyTorch on the same device: the same batches, sorted by length, each result brought to the
/// processor. Nothing where python3 has no torch, or torch does not see the device.
/// </summary>
static class PyTorchComparison
{
    const int MaxLength = 128, Vocabulary = 30_522, CannotRun = 4;
    const string Name = "pytorch";

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input)
    {
        var onProcessor = input.Execution.Chosen.IsCpu;
        string? device = onProcessor ? "cpu" : input.Execution.EffectiveProvider == "cuda" ? $"cuda:{input.Execution.Devices[0]}" : null;
        if (device is null)
            yield break;
        var (size, count, rounds) = (onProcessor ? 16 : 128, input.Quick ? 32 : onProcessor ? 320 : 4096, input.Quick ? 1 : 5);
        EncodedExample[][] batches = [.. MailCorpus.Subset(input.Mails.Train, count).Select(m => input.Backbone.Read(m, MaxLength)).OrderBy(t => t.Length).Chunk(size)];
        // PyTorch has no float16 products on all processors.
        foreach (var precision in onProcessor ? [FrozenPrecision.Fp32] : new[] { FrozenPrecision.Fp32, FrozenPrecision.Fp16 })
        {
            var name = precision.ToString().ToLowerInvariant();
            if (TheirRate(input.Backbone, batches, device, name, rounds) is not { } theirs)
                yield break;
            var ours = OurRate(input, batches, precision, rounds);
            yield return new BenchmarkRow(Name, $"PyTorch, {name}, sorted batches of {size}", Rate(theirs), 1);
            yield return new BenchmarkRow(Name, $"frozen encoder, {name}, the same batches", Rate(ours), ours / theirs, precision == FrozenPrecision.Fp16 ? ">= 0.9" : null);
        }
    }

    static double OurRate(BenchmarkInput input, EncodedExample[][] batches, FrozenPrecision precision, int rounds)
    {
        var execution = input.Execution with { Options = input.Execution.EffectiveOptions with { Frozen = precision } };
        using var encoder = new FrozenEncoder(input.Backbone, execution);
        void Loop() => Parallel.ForEach(batches, new ParallelOptions { MaxDegreeOfParallelism = encoder.Threads }, batch => encoder.Run(batch, (hidden, _) => { }));
        Loop();
        return batches.Sum(b => b.Length) / Benchmarks.Median([.. Enumerable.Range(0, rounds).Select(_ => Benchmarks.Seconds(Loop))]);
    }

    /// <summary>Texts a second; null where it cannot run.</summary>
    static double? TheirRate(Backbone backbone, EncodedExample[][] batches, string device, string precision, int rounds)
    {
        var (width, layers, heads) = (backbone.Hidden, backbone.Layers, backbone.Heads);
        int[] numbers = [rounds, Vocabulary, width, layers, heads, 4 * width];
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "pytorch.py"), device, precision, .. numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        Process python;
        try
        {
            python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no Python
        }
        using (python)
        {
            try
            {
                foreach (var batch in batches)
                    python.StandardInput.WriteLine(string.Join(' ', batch.Select(t => t.Length)));
                python.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it read them; its exit code says why.
            }
            var answer = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode switch
            {
                0 => double.Parse(answer, CultureInfo.InvariantCulture),
                CannotRun => null,
                var code => throw new OrtPeftException($"pytorch.py ended with code {code}; what it says stands above. Run without torch on the path to leave the comparison out."),
            };
        }
    }

    static string Rate(double texts) => string.Create(CultureInfo.InvariantCulture, $"{texts:F1} texts/s");
}
