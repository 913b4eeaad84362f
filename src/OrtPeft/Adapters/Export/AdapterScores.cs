namespace OrtPeft;

/// <summary>What an adapter computes on token ids: the truth that an export is compared with.</summary>
sealed class AdapterScores(Adapter adapter, Backbone backbone) : IDisposable
{
    readonly TrainedHead _head = new(adapter, backbone);
    FrozenEncoder? _encoder;

    /// <summary>Texts of the given lengths to compare with.</summary>
    internal static EncodedExample[] RandomTokens(Backbone backbone, CounterRandom random, IEnumerable<int> lengths)
    {
        const int Side = 32;
        return [.. lengths.Select(length => backbone.Images is null
            ? new EncodedExample([.. Enumerable.Range(0, length).Select(_ => random.NextInt32(backbone.RequireTokenizer().VocabularySize))])
            : backbone.Read(new Example { Id = "", Image = ImageSource.FromPixels([.. Enumerable.Range(0, Side * Side).Select(_ => (float)random.NextInt32(256))], Side, Side) }, length))];
    }

    /// <summary>The scores of each text.</summary>
    internal float[][] Of(EncodedExample[] tokens)
    {
        int[] rows = [.. Enumerable.Range(0, tokens.Length)];
        if (_head.Encoder is { } tuned)
        {
            using var batch = new EncodedBatch(backbone, tuned, rows, tokens);
            return _head.Run(batch);
        }
        float[][] scores = [];
        _encoder ??= new FrozenEncoder(backbone, new ExecutionOptions { Threads = 1 }, _head.Layers);
        _encoder.Run(tokens, (hidden, length) =>
        {
            var width = _encoder.Site.Tensors[0].Width;
            using var batch = new FeatureBatch(rows, length, width, _head.View);
            for (var row = 0; row < tokens.Length; row++)
                batch.SetExample(row, hidden.Slice(row * length * width, tokens[row].Length * width));
            scores = _head.Run(batch);
        });
        return scores;
    }

    public void Dispose()
    {
        _head.Dispose();
        _encoder?.Dispose();
    }
}
