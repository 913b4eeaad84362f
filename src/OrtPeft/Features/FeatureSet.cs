using System.Collections.Concurrent;

namespace OrtPeft;

/// <summary>Cached features of a list of labelled examples, as one view of them enters the trained part.</summary>
sealed class FeatureSet
{
    readonly FeatureCache _cache;
    readonly FeatureKey[] _keys;
    readonly int[] _labels;
    readonly float[]? _pooled;

    /// <summary>Reads <paramref name="examples"/> from <paramref name="cache"/>; pooled views are computed here, once, and kept in memory.</summary>
    internal FeatureSet(FeatureCache cache, IReadOnlyList<Example> examples, int[] labels, FeatureView view)
    {
        Check(cache, view);
        _cache = cache;
        _labels = labels;
        View = view;
        _keys = [.. examples.Select(FeatureKey.Of)];
        Lengths = [.. _keys.Select(key => view == FeatureView.Tokens ? cache.Length(key) : 1)];
        if (view != FeatureView.Tokens)
            _pooled = Pool();
    }

    internal FeatureView View { get; }

    internal int Count => _keys.Length;

    internal int Width => _cache.Width;

    internal IReadOnlyList<int> Labels => _labels;

    /// <summary>Tokens of each example; 1 when the view has no tokens.</summary>
    internal IReadOnlyList<int> Lengths { get; }

    /// <summary>The features of <paramref name="examples"/>, padded to the longest of them.</summary>
    internal FeatureBatch Batch(int[] examples)
    {
        var batch = new FeatureBatch(examples, examples.Max(e => Lengths[e]), Width, View);
        if (_pooled != null)
        {
            for (var row = 0; row < examples.Length; row++)
                _pooled.AsSpan(examples[row] * Width, Width).CopyTo(batch.Features[(row * Width)..]);
        }
        else
        {
            Parallel.For(0, examples.Length, row => ReadInto(batch, row, examples[row]));
        }
        for (var row = 0; row < examples.Length; row++)
            batch.Labels[row] = _labels[examples[row]];
        return batch;
    }

    /// <summary>
    /// The batches of <paramref name="plan"/> in its order, read ahead on another thread. The plan depends on lengths and seed, never on how
    /// shards lie. Each batch is the caller's to dispose.
    /// </summary>
    /// <param name="plan">Indices of the examples of each batch.</param>
    /// <param name="ahead">Batches to read ahead at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal IEnumerable<FeatureBatch> Batches(IEnumerable<int[]> plan, int ahead = 4, CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new BlockingCollection<FeatureBatch>(ahead);
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

    void ReadInto(FeatureBatch batch, int row, int example) =>
        WithValues(example, values => batch.SetExample(row, values));

    float[] Pool()
    {
        var pooled = new float[checked(Count * Width)];
        Parallel.For(0, Count, i => WithValues(i, values => Pooling.Pool(View, values, pooled.AsSpan(i * Width, Width))));
        return pooled;
    }

    void WithValues(int example, Action<ReadOnlySpan<float>> use)
    {
        var count = _cache.Length(_keys[example]) * Width;
        var values = System.Buffers.ArrayPool<float>.Shared.Rent(count);
        try
        {
            _cache.Read(_keys[example], values);
            use(values.AsSpan(0, count));
        }
        finally
        {
            System.Buffers.ArrayPool<float>.Shared.Return(values);
        }
    }

    /// <summary>A head reads the last hidden state; whether all tokens of it or one vector depends on the view.</summary>
    static void Check(FeatureCache cache, FeatureView view)
    {
        var (site, tokens) = (cache.Fingerprint.Site, cache.Fingerprint.Tokens);
        var fits = tokens == TokenChoice.All || (view == FeatureView.Mean && tokens == TokenChoice.Mean) || (view == FeatureView.Cls && tokens is TokenChoice.Cls or "0");
        if (site != FeatureSite.LastHiddenState || !fits)
        {
            throw new OrtPeftException($"The cache '{cache.Folder}' holds {site}, tokens {tokens}; the method reads {FeatureSite.LastHiddenState}, " +
                $"{(view == FeatureView.Tokens ? "all tokens" : $"tokens {TokenChoice.All} or {view.ToString().ToLowerInvariant()}")}. Choose another cache or other --at and --keep.");
        }
    }
}
