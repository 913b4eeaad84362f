namespace OrtPeft;

/// <summary>Consecutive examples of a batch that are computed in one run.</summary>
readonly record struct MicroBatch(int Start, int Count);

/// <summary>How a batch is divided. Depends on its shape, the option and the number of threads alone.</summary>
static class MicroBatches
{
    /// <summary>Fewer tokens are not worth a second set of gradients.</summary>
    const int LeastTokens = 256;

    /// <summary>More tokens leave the processor's caches and cost memory.</summary>
    const int MostTokens = 4096;

    internal static MicroBatch[] Of(FeatureBatch batch, int limit, int threads)
    {
        var tokens = batch.Size * batch.Length;
        var parts = limit > 0
            ? (batch.Size + limit - 1) / limit
            : Math.Max(Math.Clamp(tokens / LeastTokens, 1, threads), (tokens + MostTokens - 1) / MostTokens);
        return Divide(batch.Size, Math.Min(parts, batch.Size));
    }

    /// <summary>Parts whose sizes differ by one at most.</summary>
    static MicroBatch[] Divide(int size, int parts) =>
        [.. Enumerable.Range(0, parts).Select(i => new MicroBatch(size * i / parts, size * (i + 1) / parts - size * i / parts))];
}
