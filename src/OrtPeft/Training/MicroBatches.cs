namespace OrtPeft;

/// <summary>Consecutive examples of a batch that are computed in one run.</summary>
readonly record struct MicroBatch(int Start, int Count);

/// <summary>How a batch is divided. Depends on its shape, the option and the number of threads alone.</summary>
static class MicroBatches
{
    /// <summary>Fewer tokens are not worth a run of their own.</summary>
    internal const int LeastTokens = 256;

    internal static MicroBatch[] Of(TrainingBatch batch, int limit, int threads) =>
        Divide(batch.Size, Math.Min(limit > 0 ? Count(batch.Size, limit) : Parts(batch.Size * batch.Length, batch.TokensPerRun, threads), batch.Size));

    /// <summary>Many runs are a multiple of the threads, so that none waits for the last.</summary>
    static int Parts(int tokens, int tokensPerRun, int threads) => tokens <= tokensPerRun
        ? Math.Clamp(tokens / LeastTokens, 1, threads)
        : threads * Count(Count(tokens, tokensPerRun), threads);

    static int Count(int all, int each) => (all + each - 1) / each;

    /// <summary>Parts whose sizes differ by one at most.</summary>
    static MicroBatch[] Divide(int size, int parts) =>
        [.. Enumerable.Range(0, parts).Select(i => new MicroBatch(size * i / parts, size * (i + 1) / parts - size * i / parts))];
}
