namespace OrtPeft;

/// <summary>Answers with several adapters of one backbone at once: a text passes the backbone once, whatever the number of tasks. Safe to use from many threads.</summary>
public sealed class MultiPredictor : IDisposable
{
    readonly HeadRunner _runner;
    readonly WordPlaces _words;

    MultiPredictor(IReadOnlyList<string> names, IReadOnlyList<Adapter> adapters, Backbone backbone, ExecutionOptions execution)
    {
        execution.Validate();
        Names = names;
        var maxLength = adapters[0].Info.MaxLength;
        _words = new WordPlaces(backbone, maxLength);
        _runner = new HeadRunner(backbone, [.. adapters.Select(adapter => new TrainedHead(adapter, backbone))], maxLength, execution);
    }

    /// <summary>The adapters' names, in the order of the answers: those of their folders.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Loads adapters and the backbone they belong to.</summary>
    /// <param name="folders">The adapters' folders.</param>
    /// <param name="model">The backbone; null looks where it was when the first adapter was trained.</param>
    /// <param name="execution">Provider and threads.</param>
    /// <exception cref="OrtPeftException">One is damaged, they are not of one backbone and length, or two have the same name.</exception>
    public static MultiPredictor Load(IReadOnlyList<string> folders, string? model = null, ExecutionOptions? execution = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentOutOfRangeException.ThrowIfZero(folders.Count);
        var adapters = folders.Select(Adapter.Load).ToArray();
        string[] names = [.. folders.Select(folder => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))];
        if (names.Distinct().Count() < names.Length)
            throw new OrtPeftException($"Two of the adapters are called {DataError.Quote(names.GroupBy(n => n).First(g => g.Count() > 1).Key)}; their folders need different names to tell the answers apart.");
        for (var i = 1; i < adapters.Length; i++)
        {
            var (first, other) = (adapters[0].Info, adapters[i].Info);
            if (other.Backbone.Sha256 != first.Backbone.Sha256 || other.Tokenizer != first.Tokenizer)
                throw new OrtPeftException($"The adapters '{folders[0]}' and '{folders[i]}' belong to different backbones ('{first.Backbone.Name}' and '{other.Backbone.Name}'), so they cannot answer in one pass. Ask them one after the other.");
            if (other.MaxLength != first.MaxLength)
                throw new OrtPeftException($"The adapters '{folders[0]}' and '{folders[i]}' were trained with {first.MaxLength} and {other.MaxLength} tokens at most, so they cannot answer in one pass. Train them with the same --max-length.");
        }
        return new MultiPredictor(names, adapters, adapters[0].OpenBackbone(folders[0], model), execution ?? new ExecutionOptions());
    }

    /// <summary>The answers of every adapter for many texts, in their order.</summary>
    public IEnumerable<IReadOnlyList<Prediction>> Predict(IEnumerable<Example> examples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return examples.Chunk(Predictor.Window).SelectMany(window => Answers(window, cancellationToken));
    }

    IEnumerable<IReadOnlyList<Prediction>> Answers(Example[] window, CancellationToken cancellationToken)
    {
        var scores = _runner.Run(window, cancellationToken);
        return window.Select((example, i) => (Prediction[])[.. _runner.Heads.Select((head, h) => head.Task.Answer(example, scores[h][i], _words))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();
}
