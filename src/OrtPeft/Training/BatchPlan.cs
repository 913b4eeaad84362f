namespace OrtPeft;

/// <summary>
/// The order of one epoch: examples shuffled, then sorted by length within windows so that batches hold little padding, then the batches
/// shuffled. Depends on seed, epoch and lengths alone.
/// </summary>
static class BatchPlan
{
    const int BatchesPerWindow = 32;

    internal static IReadOnlyList<int[]> Epoch(IReadOnlyList<int> lengths, int batchSize, long seed, int epoch)
    {
        var order = Enumerable.Range(0, lengths.Count).ToArray();
        var random = new CounterRandom(seed, "order", epoch);
        random.Shuffle(order.AsSpan());
        var batches = order.Chunk(batchSize * BatchesPerWindow)
            .SelectMany(window => window.Select((example, i) => (example, i)).OrderBy(e => lengths[e.example]).ThenBy(e => e.i).Select(e => e.example).Chunk(batchSize))
            .ToArray();
        random.Shuffle(batches.AsSpan());
        return batches;
    }

    /// <summary>All examples once, sorted by length, for evaluation.</summary>
    internal static IReadOnlyList<int[]> Sorted(IReadOnlyList<int> lengths, int batchSize) =>
        [.. Enumerable.Range(0, lengths.Count).OrderBy(i => lengths[i]).ThenBy(i => i).Chunk(batchSize)];
}
