namespace OrtPeft;

/// <summary>Runs the frozen backbone once over the texts of some examples and hands the result to every head. Safe to use from many threads.</summary>
/// <param name="Encoder">The backbone.</param>
/// <param name="Heads">Trained heads of that backbone.</param>
/// <param name="MaxLength">Tokens after which a text is cut off.</param>
sealed record HeadRunner(FrozenEncoder Encoder, IReadOnlyList<TrainedHead> Heads, int MaxLength)
{
    int Width => Encoder.Site.Tensors[0].Width;

    /// <summary>Raw scores of each head for each example. A text that several heads or examples have in common passes the backbone once.</summary>
    internal float[][][] Run(Example[] examples, CancellationToken cancellationToken)
    {
        var texts = new TextTable();
        var places = Heads.Select(head => examples.SelectMany(head.Task.Texts).Select(texts.Add).ToArray()).ToArray();
        var tokens = texts.Examples.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(text => Encoder.Backbone.Read(text, MaxLength)).ToArray();
        var answers = Heads.Select((head, h) => new HeadAnswers(head, examples.Length, places[h], texts.Examples.Count, Width)).ToArray();
        Parallel.ForEach(FeaturePlan.Runs([.. tokens.Select(t => t.Length)], new FeatureOptions().TokensPerRun),
            new ParallelOptions { MaxDegreeOfParallelism = Encoder.Threads, CancellationToken = cancellationToken },
            run => Encoder.Run([.. run.Select(i => tokens[i])], (hidden, length) =>
            {
                foreach (var answer in answers)
                    answer.Take(run, [.. run.Select(i => tokens[i].Length)], hidden, length);
            }));
        return [.. answers.Select(answer => answer.End())];
    }

    /// <summary>Different texts, in the order in which they first came.</summary>
    sealed class TextTable
    {
        readonly Dictionary<FeatureKey, int> _places = [];

        internal List<Example> Examples { get; } = [];

        internal int Add(Example text)
        {
            var key = FeatureKey.Of(text);
            if (_places.TryGetValue(key, out var place))
                return place;
            _places.Add(key, Examples.Count);
            Examples.Add(text);
            return Examples.Count - 1;
        }
    }

    /// <summary>The scores of one head: of tokens as they come, of pooled features at the end, because the texts of a pair may be of different runs.</summary>
    sealed class HeadAnswers(TrainedHead head, int examples, int[] places, int texts, int width)
    {
        readonly float[][] _scores = new float[examples][];
        readonly float[] _pooled = head.View == FeatureView.Tokens ? [] : new float[texts * width];
        readonly ILookup<int, int>? _examplesOf = head.View == FeatureView.Tokens ? Enumerable.Range(0, examples).ToLookup(i => places[i]) : null;

        internal void Take(int[] run, int[] lengths, ReadOnlySpan<float> hidden, int length)
        {
            if (_examplesOf is null)
            {
                for (var row = 0; row < run.Length; row++)
                    Pooling.Pool(head.View, Values(hidden, row), _pooled.AsSpan(run[row] * width, width));
                return;
            }
            int[] rows = [.. Enumerable.Range(0, run.Length).Where(row => _examplesOf.Contains(run[row]))];
            if (rows.Length == 0)
                return;
            using var batch = new FeatureBatch(rows, length, width, head.View);
            for (var i = 0; i < rows.Length; i++)
                batch.SetExample(i, Values(hidden, rows[i]));
            var scores = head.Run(batch);
            for (var i = 0; i < rows.Length; i++)
            {
                foreach (var example in _examplesOf[run[rows[i]]])
                    _scores[example] = scores[i];
            }

            ReadOnlySpan<float> Values(ReadOnlySpan<float> all, int row) => all.Slice(row * length * width, lengths[row] * width);
        }

        internal float[][] End()
        {
            if (_examplesOf is not null)
                return _scores;
            using var batch = new FeatureBatch([.. Enumerable.Range(0, examples)], 1, width * head.TextsPerExample, head.View);
            for (var i = 0; i < places.Length; i++)
                _pooled.AsSpan(places[i] * width, width).CopyTo(batch.Features[(i * width)..]);
            return head.Run(batch);
        }
    }
}
