using System.Collections.Concurrent;

namespace OrtPeft;

/// <summary>Cached features of a list of labelled examples, as one view of them enters the trained part.</summary>
sealed class FeatureSet
{
    readonly FeatureCache _cache;
    readonly FeatureKey[] _keys;
    readonly int _texts;
    readonly float[]? _pooled;

    /// <summary>Reads examples from <paramref name="cache"/>; pooled views are computed here, once, and kept in memory.</summary>
    /// <param name="cache">Holds all texts.</param>
    /// <param name="texts">The texts of all examples.</param>
    /// <param name="targets">The right answers, one for each example.</param>
    /// <param name="view">What of the features enters.</param>
    /// <param name="textsPerExample">Texts of each example; the pooled features of two stand side by side.</param>
    /// <param name="layers">How many of the last hidden states stand side by side.</param>
    internal FeatureSet(FeatureCache cache, IEnumerable<Example> texts, Targets targets, FeatureView view, int textsPerExample = 1, int layers = 1)
    {
        Check(cache, view, LastLayers.SiteOf(layers));
        _cache = cache;
        _texts = textsPerExample;
        Targets = targets;
        View = view;
        _keys = [.. texts.Select(FeatureKey.Of)];
        ArgumentOutOfRangeException.ThrowIfNotEqual(_keys.Length, targets.Count * textsPerExample);
        Lengths = view == FeatureView.Tokens ? [.. _keys.Select(cache.Length)] : [.. Enumerable.Repeat(1, targets.Count)];
        if (view != FeatureView.Tokens)
            _pooled = Pool();
    }

    internal FeatureView View { get; }

    internal int Count => Targets.Count;

    /// <summary>Values of one token, or of one example when the view is pooled.</summary>
    internal int Width => _cache.Width * _texts;

    /// <summary>The right answers.</summary>
    internal Targets Targets { get; }

    /// <summary>Tokens of each example; 1 when the view has no tokens.</summary>
    internal IReadOnlyList<int> Lengths { get; }

    /// <summary>A pooled view of all examples: row-major [count, width].</summary>
    internal ReadOnlyMemory<float> Pooled => _pooled ?? throw new InvalidOperationException("The view holds all tokens.");

    /// <summary>The features of <paramref name="examples"/>, padded to the longest of them.</summary>
    internal FeatureBatch Batch(int[] examples)
    {
        var length = examples.Max(e => Lengths[e]);
        var batch = new FeatureBatch(examples, length, Width, View) { Targets = Targets.Batch(examples, length) };
        if (_pooled != null)
        {
            for (var row = 0; row < examples.Length; row++)
                _pooled.AsSpan(examples[row] * Width, Width).CopyTo(batch.Features[(row * Width)..]);
        }
        else
        {
            Parallel.For(0, examples.Length, row => ReadInto(batch, row, examples[row]));
        }
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
        Parallel.For(0, _keys.Length, i => WithValues(i, values => Pooling.Pool(View, values, pooled.AsSpan(i * _cache.Width, _cache.Width))));
        return pooled;
    }

    void WithValues(int text, Action<ReadOnlySpan<float>> use)
    {
        var count = _cache.Length(_keys[text]) * _cache.Width;
        var values = System.Buffers.ArrayPool<float>.Shared.Rent(count);
        try
        {
            _cache.Read(_keys[text], values);
            use(values.AsSpan(0, count));
        }
        finally
        {
            System.Buffers.ArrayPool<float>.Shared.Return(values);
        }
    }

    /// <summary>A head reads the last hidden state, or the last few; whether all tokens of it or one vector depends on the view.</summary>
    static void Check(FeatureCache cache, FeatureView view, string expected)
    {
        var (site, tokens) = (cache.Fingerprint.Site, cache.Fingerprint.Tokens);
        var fits = tokens == TokenChoice.All || (view == FeatureView.Mean && tokens == TokenChoice.Mean) || (view == FeatureView.Cls && tokens is TokenChoice.Cls or "0");
        if (site != expected || !fits)
        {
            throw new OrtPeftException($"The cache '{cache.Folder}' holds {site}, tokens {tokens}; the method reads {expected}, " +
                $"{(view == FeatureView.Tokens ? "all tokens" : $"tokens {TokenChoice.All} or {view.ToString().ToLowerInvariant()}")}. Choose another cache or other --at and --keep.");
        }
    }
}
