namespace OrtPeft;

/// <summary>Cached features of a list of labelled examples, as one view of them enters the trained part.</summary>
sealed class FeatureSet : TrainingSet
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
        : base(targets)
    {
        Check(cache, view, LastLayers.SiteOf(layers));
        _cache = cache;
        _texts = textsPerExample;
        View = view;
        _keys = [.. texts.Select(FeatureKey.Of)];
        ArgumentOutOfRangeException.ThrowIfNotEqual(_keys.Length, targets.Count * textsPerExample);
        Lengths = view == FeatureView.Tokens ? [.. _keys.Select(cache.Length)] : [.. Enumerable.Repeat(1, targets.Count)];
        if (view != FeatureView.Tokens)
            _pooled = Pool();
    }

    internal FeatureView View { get; }

    /// <summary>Where the features of all tokens lie.</summary>
    internal FeatureCache Cache => _cache;

    /// <summary>What the cache calls the texts of all examples.</summary>
    internal IReadOnlyList<FeatureKey> Keys => _keys;

    /// <inheritdoc/>
    internal override int Width => _cache.Width * _texts;

    /// <inheritdoc/>
    internal override IReadOnlyList<int> Lengths { get; }

    /// <summary>A pooled view of all examples: row-major [count, width].</summary>
    internal ReadOnlyMemory<float> Pooled => _pooled ?? throw new InvalidOperationException("The view holds all tokens.");

    /// <inheritdoc/>
    internal override FeatureBatch Batch(int[] examples)
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
            Parallel.For(0, examples.Length, row => _cache.Read(_keys[examples[row]], batch.Tokens(row, Lengths[examples[row]])));
        }
        return batch;
    }

    float[] Pool()
    {
        var pooled = new float[checked(Count * Width)];
        Parallel.For(0, _keys.Length, text =>
        {
            var values = System.Buffers.ArrayPool<float>.Shared.Rent(_cache.Length(_keys[text]) * _cache.Width);
            var count = _cache.Read(_keys[text], values) * _cache.Width;
            Pooling.Pool(View, values.AsSpan(0, count), pooled.AsSpan(text * _cache.Width, _cache.Width));
            System.Buffers.ArrayPool<float>.Shared.Return(values);
        });
        return pooled;
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
