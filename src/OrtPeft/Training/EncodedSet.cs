namespace OrtPeft;

/// <summary>Labelled texts or images for a tuned encoder: tokenized once, with the frozen part's features from a cache where there is such a part.</summary>
sealed class EncodedSet : TrainingSet
{
    readonly Backbone _backbone;
    readonly TunedEncoder _encoder;
    readonly FeatureCache? _cache;
    readonly FeatureKey[] _keys;
    readonly EncodedExample[] _tokens;
    readonly int _texts;

    /// <param name="backbone">The backbone.</param>
    /// <param name="encoder">What is trained of it.</param>
    /// <param name="cache">Features at the encoder's frontier; null when it has none.</param>
    /// <param name="texts">The texts of all examples.</param>
    /// <param name="targets">The right answers, one for each example.</param>
    /// <param name="maxLength">Tokens after which a text is cut off.</param>
    internal EncodedSet(Backbone backbone, TunedEncoder encoder, FeatureCache? cache, IEnumerable<Example> texts, Targets targets, int maxLength)
        : base(targets)
    {
        (_backbone, _encoder, _cache) = (backbone, encoder, cache);
        Example[] all = [.. texts];
        _texts = targets.Count == 0 ? 1 : all.Length / targets.Count;
        _keys = cache is null ? [] : [.. all.Select(FeatureKey.Of)];
        _tokens = [.. all.AsParallel().AsOrdered().Select(text => backbone.Read(text, maxLength))];
        Lengths = [.. _tokens.Chunk(_texts).Select(t => t.Max(text => text.Length))];
    }

    /// <inheritdoc/>
    internal override int Width => _backbone.Hidden * _texts;

    /// <inheritdoc/>
    internal override IReadOnlyList<int> Lengths { get; }

    /// <inheritdoc/>
    internal override EncodedBatch Batch(int[] examples)
    {
        int[] texts = [.. examples.SelectMany(e => Enumerable.Range(e * _texts, _texts))];
        var tokens = Array.ConvertAll(texts, t => _tokens[t]);
        var batch = new EncodedBatch(_backbone, _encoder, examples, tokens) { Targets = Targets.Batch(examples, tokens.Max(t => t.Length)) };
        for (var tensor = 0; tensor < _encoder.Frontier?.Tensors.Count; tensor++)
        {
            var (about, index) = (_encoder.Frontier.Tensors[tensor], tensor);
            Parallel.For(0, texts.Length, row => batch.Set(about.Name, row, target => _cache!.Read(_keys[texts[row]], target, index) * about.Width));
        }
        return batch;
    }
}
