using System.Diagnostics;
using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>A quantized backbone beside the original, on a sample of texts; features are means over all tokens.</summary>
/// <param name="Texts">Texts compared.</param>
/// <param name="CosineMean">Cosine of the two features of a text, mean.</param>
/// <param name="CosineMin">The same, smallest.</param>
/// <param name="SameNearest">Share of the texts whose nearest neighbour among the others is the same.</param>
/// <param name="Speed">Tokens a second, the original being 1; both in runs of 256 tokens, a call a thread.</param>
/// <param name="BytesBefore">Bytes of all weights before.</param>
/// <param name="BytesAfter">Bytes of all weights now.</param>
public sealed record QuantizationReport(int Texts, double CosineMean, double CosineMin, double SameNearest, double Speed, long BytesBefore, long BytesAfter)
{
    /// <summary>Runs both over <paramref name="examples"/>.</summary>
    /// <param name="original">The backbone as it was.</param>
    /// <param name="quantized">The backbone as it was written.</param>
    /// <param name="examples">At least two texts.</param>
    /// <param name="maxLength">Longest text in tokens.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <param name="rounds">How often speed is measured; the median counts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OrtPeftException">There are fewer than two texts.</exception>
    public static QuantizationReport Measure(Backbone original, QuantizedBackbone quantized, IReadOnlyList<Example> examples, int maxLength, ExecutionOptions execution, int rounds = 3,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        if (examples.Count < 2)
            throw new OrtPeftException($"A sample of {examples.Count} texts cannot be compared; give at least 2.");
        var tokens = examples.Select(e => original.Read(e, maxLength)).ToArray();
        using var before = new FrozenEncoder(original, execution);
        using var after = new FrozenEncoder(quantized.Backbone, execution);
        var (a, b) = (Pooled(before, tokens, cancellationToken), Pooled(after, tokens, cancellationToken));
        var cosines = a.Zip(b, (x, y) => (double)TensorPrimitives.CosineSimilarity<float>(x, y)).ToArray();
        var same = Enumerable.Range(0, tokens.Length).Count(i => Nearest(a, i) == Nearest(b, i));
        var speeds = Enumerable.Range(0, rounds).Select(_ => Seconds(before, tokens, cancellationToken) / Seconds(after, tokens, cancellationToken)).Order().ToArray();
        return new QuantizationReport(tokens.Length, cosines.Average(), cosines.Min(), (double)same / tokens.Length, speeds[speeds.Length / 2], quantized.BytesBefore, quantized.BytesAfter);
    }

    static float[][] Pooled(FrozenEncoder encoder, EncodedExample[] tokens, CancellationToken cancellationToken)
    {
        var width = encoder.Backbone.Hidden;
        var pooled = new float[tokens.Length][];
        ForRuns(encoder, tokens, (run, hidden, length) =>
        {
            for (var row = 0; row < run.Length; row++)
                Pooling.Pool(FeatureView.Mean, hidden.Slice(row * length * width, tokens[run[row]].Length * width), pooled[run[row]] = new float[width]);
        }, cancellationToken);
        return pooled;
    }

    static double Seconds(FrozenEncoder encoder, EncodedExample[] tokens, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        ForRuns(encoder, tokens, (_, _, _) => { }, cancellationToken);
        return watch.Elapsed.TotalSeconds;
    }

    static void ForRuns(FrozenEncoder encoder, EncodedExample[] tokens, UseRun use, CancellationToken cancellationToken) =>
        Parallel.ForEach(FeaturePlan.Runs([.. tokens.Select(t => t.Length)], new FeatureOptions().TokensPerRun),
            new ParallelOptions { MaxDegreeOfParallelism = encoder.Threads, CancellationToken = cancellationToken },
            run => encoder.Run([.. run.Select(i => tokens[i])], (hidden, length) => use(run, hidden, length)));

    static int Nearest(float[][] features, int text) =>
        Enumerable.Range(0, features.Length).Where(i => i != text).MaxBy(i => TensorPrimitives.CosineSimilarity<float>(features[text], features[i]));

    delegate void UseRun(int[] run, ReadOnlySpan<float> hidden, int length);
}
