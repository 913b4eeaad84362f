namespace OrtPeft;

/// <summary>Consecutive examples of a batch that are computed in one run.</summary>
readonly record struct MicroBatch(int Start, int Count);

/// <summary>How a batch is divided. Depends on its shape, the option and the number of threads alone.</summary>
static class MicroBatches
{
    /// <summary>Fewer tokens are not worth a run of their own.</summary>
    internal const int LeastTokens = 256;

    /// <param name="batch">The batch.</param>
    /// <param name="limit">Examples of a part, as the user chose; 0 chooses by length.</param>
    /// <param name="threads">Threads that compute parts at once.</param>
    /// <param name="most">More examples than these do not fit into memory; 0 for any number.</param>
    internal static MicroBatch[] Of(TrainingBatch batch, int limit, int threads, int most = 0)
    {
        var parts = limit > 0 ? Count(batch.Size, limit) : Parts(batch.Size * batch.Length, batch.TokensPerRun, threads);
        return Divide(batch.Size, Math.Min(most > 0 ? Math.Max(parts, Count(batch.Size, most)) : parts, batch.Size));
    }

    /// <summary>Many runs are a multiple of the threads, so that none waits for the last.</summary>
    static int Parts(int tokens, int tokensPerRun, int threads) => tokens <= tokensPerRun
        ? Math.Clamp(tokens / LeastTokens, 1, threads)
        : threads * Count(Count(tokens, tokensPerRun), threads);

    static int Count(int all, int each) => (all + each - 1) / each;

    /// <summary>Parts whose sizes differ by one at most.</summary>
    static MicroBatch[] Divide(int size, int parts) =>
        [.. Enumerable.Range(0, parts).Select(i => new MicroBatch(size * i / parts, size * (i + 1) / parts - size * i / parts))];
}
