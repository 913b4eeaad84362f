using System.Collections.Concurrent;

namespace OrtPeft;

/// <summary>Labelled examples as the trained part reads them: frozen features, or token ids.</summary>
abstract class TrainingSet(Targets targets)
{
    internal int Count => Targets.Count;

    /// <summary>The right answers.</summary>
    internal Targets Targets { get; } = targets;

    /// <summary>Tokens of each example; 1 when the trained part reads no tokens.</summary>
    internal abstract IReadOnlyList<int> Lengths { get; }

    /// <summary>Values of one token, or of one example when features are pooled.</summary>
    internal abstract int Width { get; }

    /// <summary>The batch of <paramref name="examples"/>, padded to the longest of them.</summary>
    internal abstract TrainingBatch Batch(int[] examples);

    /// <summary>
    /// The batches of <paramref name="plan"/> in its order, read ahead on another thread. The plan depends on lengths and seed, never on how
    /// shards lie. Each batch is the caller's to dispose.
    /// </summary>
    /// <param name="plan">Indices of the examples of each batch.</param>
    /// <param name="ahead">Batches to read ahead at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal IEnumerable<TrainingBatch> Batches(IEnumerable<int[]> plan, int ahead = 4, CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new BlockingCollection<TrainingBatch>(ahead);
        var reading = Task.Run(() =>
        {
            try
            {
                foreach (var examples in plan)
                    queue.Add(Batch(examples), stop.Token);
            }
            finally
            {
                queue.CompleteAdding();
            }
        }, CancellationToken.None);
        try
        {
            foreach (var batch in queue.GetConsumingEnumerable(cancellationToken))
                yield return batch;
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            // A caller that stops in the middle leaves nothing running and nothing rented.
            stop.Cancel();
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
            while (queue.TryTake(out var left))
                left.Dispose();
        }
    }
}
