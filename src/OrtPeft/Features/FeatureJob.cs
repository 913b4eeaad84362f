using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrtPeft;

/// <summary>
/// The feature caching job: computes the frozen backbone's features of a data set once and stores them. Killed at any moment, it goes on
/// where it was when run again, and ends with the same bytes as an undisturbed run.
/// </summary>
public sealed record FeatureJob
{
    /// <summary>The frozen backbone.</summary>
    public required Backbone Backbone { get; init; }

    /// <summary>The examples. They are read once, from the beginning to the end, and need not fit into memory.</summary>
    public required IAsyncEnumerable<Example> Source { get; init; }

    /// <summary>The cache's folder. When it holds features of another fingerprint, one beside it is used.</summary>
    public required string Folder { get; init; }

    /// <summary>What is computed and how it is stored.</summary>
    public FeatureOptions Options { get; init; } = new();

    /// <summary>Provider and threads.</summary>
    public ExecutionOptions Execution { get; init; } = new();

    /// <summary>Which part of the work this process does; null for all of it.</summary>
    public FeaturePart? Part { get; init; }

    /// <summary>How many examples there are, if that is known; for progress only.</summary>
    public int? Count { get; init; }

    /// <summary>Name of the data set, such as its file: the cache keeps an index of its ids under it. Null keeps none.</summary>
    public string? Data { get; init; }

    /// <summary>The examples once more, when they can be read twice: then costs can be told before the work.</summary>
    IEnumerable<Example>? Again { get; init; }

    /// <summary>A job over examples in memory.</summary>
    public static FeatureJob For(Backbone backbone, IReadOnlyList<Example> examples, string folder)
    {
        ArgumentNullException.ThrowIfNull(examples);
        return new FeatureJob
        {
            Backbone = backbone,
            Source = examples.ToAsyncEnumerable(),
            Folder = folder,
            Count = examples.Count,
            Data = (examples as TextData)?.Source,
            Again = examples,
        };
    }

    /// <summary>A job over a data file, as <see cref="TextData.Load"/> reads it, but never in memory as a whole: it is read twice.</summary>
    /// <exception cref="OrtPeftException">The file cannot be read, or its first example is malformed. What is wrong further down is thrown by
    /// <see cref="RunAsync(IProgress{FeatureProgress}?, CancellationToken)"/>, before anything is computed.</exception>
    public static FeatureJob ForFile(Backbone backbone, string path, string folder, ColumnNames? columns = null)
    {
        var examples = TextData.Read(path, columns);
        _ = examples.First();
        return new FeatureJob
        {
            Backbone = backbone,
            Source = examples.ToAsyncEnumerable(),
            Folder = folder,
            Data = path,
            Again = examples,
        };
    }

    /// <summary>Makes sure that the cache in <paramref name="folder"/> holds the features of all <paramref name="examples"/>.</summary>
    /// <returns>What was done, and in which folder the cache is.</returns>
    /// <exception cref="OrtPeftException">The folder cannot be written, the disk is too small, or another job fills the same cache.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; finished shards are kept and used by the next run.</exception>
    public static Task<FeatureJobResult> RunAsync(Backbone backbone, IReadOnlyList<Example> examples, string folder, FeatureOptions options,
        ExecutionOptions? execution = null, IProgress<FeatureProgress>? progress = null, CancellationToken cancellationToken = default) =>
        (For(backbone, examples, folder) with { Options = options, Execution = execution ?? new ExecutionOptions() }).RunAsync(progress, cancellationToken);

    /// <summary>Makes sure that the cache holds the features of all examples.</summary>
    /// <returns>What was done, and in which folder the cache is.</returns>
    /// <exception cref="OrtPeftException">The folder cannot be written, the disk is too small, or another job fills the same cache.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; finished shards are kept and used by the next run.</exception>
    public async Task<FeatureJobResult> RunAsync(IProgress<FeatureProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Execution.Validate();
        Options.Validate(Backbone);
        return await (this with { Options = Options.On(Execution) }).RunCheckedAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    async Task<FeatureJobResult> RunCheckedAsync(IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var notices = new List<string>();
        var fingerprint = FeatureFingerprint.Of(Backbone, Options, Execution);
        var folder = FeatureFolder.Choose(Folder, fingerprint, notices);
        using var store = new FeatureStore(folder, fingerprint, Part, notices);
        var index = Data is null ? null : new FeatureIndex(Data);
        var survey = Again is null ? null : await FeatureSurvey.OfAsync(store, Again, index, Options.MaxLength, cancellationToken).ConfigureAwait(false);
        if (survey != null)
            notices.AddRange(survey.Notices);
        var estimate = survey?.Estimate(Backbone, Options, fingerprint, FeatureCalibration.TryLoad(folder)?.TokensPerSecond);
        if (estimate is { Examples: > 0 })
        {
            store.CheckAdding();
            FeatureFolder.CheckSpace(folder, estimate.Bytes / (Part?.Count ?? 1));
        }
        Report(progress, notices, 0);
        if (estimate != null)
            progress?.Report(new FeatureProgress { Estimate = estimate });

        var said = notices.Count;
        var tally = new FeatureTally(progress, Count ?? survey?.Examples ?? 0);
        var shape = FeatureCalibration.ShapeIn(folder, Execution);
        var site = new FeatureSite(fingerprint.Site, fingerprint.Tensors);
        var pipeline = new FeaturePipeline(store, tally, () => new FrozenEncoder(Backbone, Execution, site, shape.IntraOpThreads));
        await pipeline.RunAsync(PlanAsync(store, tally, Again is null ? index : null, cancellationToken), shape.Calls, cancellationToken).ConfigureAwait(false);

        var changes = index is { Count: > 0 } ? Update(index, folder) : null;
        if (store.Merge(always: Part is null, notices))
            notices.Add("All parts are there; the manifest is complete.");
        Report(progress, notices, said);
        var result = new FeatureJobResult
        {
            Folder = folder,
            Examples = tally.Examples,
            Computed = tally.ComputedExamples,
            Reused = tally.OtherExamples,
            Tokens = tally.Tokens,
            PaddingPercent = tally.PaddedTokens == 0 ? 0 : 100.0 * (tally.PaddedTokens - tally.Tokens) / tally.PaddedTokens,
            Bytes = store.Bytes,
            DType = Options.DType,
            Site = fingerprint.Site,
            Stored = fingerprint.Tokens,
            Errors = tally.Errors.Result(),
            Estimate = estimate,
            Index = changes,
            Seconds = watch.Elapsed.TotalSeconds,
            LoadSeconds = tally.LoadSeconds,
            Fingerprint = fingerprint.Hash,
            Notices = notices,
        };
        FeatureUses.Add(folder, new FeatureUse(DateTime.UtcNow, AppDomain.CurrentDomain.FriendlyName, Data, result.Examples, result.Computed));
        return result;
    }

    /// <summary>Shards to compute, window by window; fills <paramref name="index"/>.</summary>
    async IAsyncEnumerable<PlannedShard> PlanAsync(FeatureStore store, FeatureTally tally, FeatureIndex? index, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var window in FeatureWindow.Split(Source, Options.MaxLength, cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < window.Keys.Length; i++)
                index?.Set(window.Examples[i].Id, window.Keys[i]);
            var todo = new Queue<PlannedShard>(store.Plan(window, (places, firstShard) => FeaturePlan.Make(Tokenize(window, places, cancellationToken), firstShard, Options)));
            tally.Planned(window.Examples.Count, todo);
            // Nobody holds texts or tokens longer than they are needed: what lives long is collected late.
            while (todo.TryDequeue(out var shard))
                yield return shard;
        }
    }

    PlannedExample[] Tokenize(FeatureWindow window, IReadOnlyList<int> places, CancellationToken cancellationToken)
    {
        var planned = new PlannedExample[places.Count];
        Parallel.For(0, places.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var example = window.Examples[places[i]];
            planned[i] = new PlannedExample(example.Id, window.Keys[places[i]], Backbone.Read(example, Options.MaxLength));
        });
        return planned;
    }

    static FeatureIndexChanges? Update(FeatureIndex index, string folder)
    {
        try
        {
            return index.Update(folder);
        }
        catch (OrtPeftException) when (!File.Exists(Path.Combine(folder, FeatureIndex.FileOf(index.Data))))
        {
            return null; // a folder that may only be read
        }
    }

    static void Report(IProgress<FeatureProgress>? progress, List<string> notices, int from)
    {
        foreach (var notice in notices.Skip(from))
            progress?.Report(new FeatureProgress { Notice = notice });
    }
}
