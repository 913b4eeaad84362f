namespace OrtPeft;

/// <summary>
/// Runs the frozen backbone once over the texts of some examples and hands the result to every head; what was trained inside the backbone runs on
/// its own. Safe to use from many threads.
/// </summary>
sealed class HeadRunner : IDisposable
{
    readonly Backbone _backbone;
    readonly ExecutionOptions _execution;
    readonly int _maxLength;
    readonly int _threads;
    FrozenEncoder? _encoder;
    volatile IReadOnlyList<TrainedHead> _heads = [];

    /// <param name="backbone">The backbone.</param>
    /// <param name="heads">What was trained on it; disposed with this.</param>
    /// <param name="maxLength">Tokens after which a text is cut off.</param>
    /// <param name="execution">Provider and threads.</param>
    internal HeadRunner(Backbone backbone, IReadOnlyList<TrainedHead> heads, int maxLength, ExecutionOptions execution)
    {
        (_backbone, _maxLength, _execution, _threads) = (backbone, maxLength, execution, execution.Chosen.IsCpu ? execution.EffectiveThreads : 1);
        foreach (var head in heads)
            Add(head);
    }

    internal IReadOnlyList<TrainedHead> Heads => _heads;

    /// <summary>Adds a head at the end; runs that have begun go on without it.</summary>
    internal void Add(TrainedHead head)
    {
        if (head.Encoder is null)
        {
            if (_heads.FirstOrDefault(h => h.Encoder is null) is { } first && first.Layers != head.Layers)
                throw new OrtPeftException($"The adapters read the last {first.Layers} and the last {head.Layers} layers of the backbone, so they cannot answer in one pass. Ask them one after the other.");
            _encoder ??= new FrozenEncoder(_backbone, _execution, head.Layers);
        }
        _heads = [.. _heads, head];
    }

    /// <summary>Raw scores of each head for each example. A text that several heads on frozen features or examples have in common passes the backbone once.</summary>
    internal float[][][] Run(Example[] examples, CancellationToken cancellationToken)
    {
        var heads = _heads;
        TrainedHead[] frozen = [.. heads.Where(h => h.Encoder is null)];
        var onFeatures = new Queue<float[][]>(frozen.Length == 0 ? [] : RunFrozen(frozen, examples, cancellationToken));
        return [.. heads.Select(head => head.Encoder is null ? onFeatures.Dequeue() : RunTuned(head, examples, cancellationToken))];
    }

    float[][] RunTuned(TrainedHead head, Example[] examples, CancellationToken cancellationToken)
    {
        var set = new EncodedSet(_backbone, head.Encoder!, cache: null, examples.SelectMany(head.Task.Texts), Targets.Unknown(examples.Length), _maxLength);
        return head.RunAll(set, _threads, cancellationToken);
    }

    float[][][] RunFrozen(TrainedHead[] heads, Example[] examples, CancellationToken cancellationToken)
    {
        var (encoder, width) = (_encoder!, _encoder!.Site.Tensors[0].Width);
        var texts = new TextTable();
        var places = heads.Select(head => examples.SelectMany(head.Task.Texts).Select(texts.Add).ToArray()).ToArray();
        var tokens = texts.Examples.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(text => _backbone.Read(text, _maxLength)).ToArray();
        var answers = heads.Select((head, h) => new HeadAnswers(head, examples.Length, places[h], texts.Examples.Count, width)).ToArray();
        Parallel.ForEach(FeaturePlan.Runs([.. tokens.Select(t => t.Length)], new FeatureOptions().On(_execution).TokensPerRun),
            new ParallelOptions { MaxDegreeOfParallelism = encoder.Threads, CancellationToken = cancellationToken },
            run => encoder.Run([.. run.Select(i => tokens[i])], (hidden, length) =>
            {
                foreach (var answer in answers)
                    answer.Take(run, [.. run.Select(i => tokens[i].Length)], hidden, length);
            }));
        return [.. answers.Select(answer => answer.End())];
    }

    public void Dispose()
    {
        foreach (var head in Heads)
            head.Dispose();
        _encoder?.Dispose();
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
