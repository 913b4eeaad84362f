using System.Diagnostics;
using System.Threading.Channels;

namespace OrtPeft;

/// <summary>
/// The feature caching job: computes the frozen backbone's features of a data set once and stores them. Killed at any moment, it goes on
/// where it was when run again, and ends with the same bytes as an undisturbed run.
/// </summary>
public static class FeatureJob
{
    /// <summary>Makes sure that the cache in <paramref name="folder"/> holds the features of all <paramref name="examples"/>.</summary>
    /// <returns>What was done, and in which folder the cache is.</returns>
    /// <exception cref="OrtPeftException">The folder cannot be written, the disk is too small, or another job fills the same cache.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; finished shards are kept and used by the next run.</exception>
    public static async Task<FeatureJobResult> RunAsync(Backbone backbone, IReadOnlyList<Example> examples, string folder, FeatureOptions options,
        ExecutionOptions? execution = null, IProgress<FeatureProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        execution ??= new ExecutionOptions();
        execution.Validate();
        options.Validate(backbone);
        var watch = Stopwatch.StartNew();
        var notices = new List<string>();
        var fingerprint = FeatureFingerprint.Of(backbone, options, execution);
        folder = FeatureFolder.Choose(folder, fingerprint, notices);
        var keys = examples.Select(FeatureKey.Of).ToArray();

        // A complete cache may be read by as many processes as like; only adding to it needs the lock.
        using var writerLock = FeatureFolder.TryLock(folder, out var lockError);
        var manifest = FeatureFolder.LoadChecked(folder, fingerprint, notices);
        var work = Plan(backbone, options, examples, keys, manifest, folder, notices, cancellationToken);
        foreach (var notice in notices)
            progress?.Report(new FeatureProgress { Notice = notice });
        double loadSeconds = 0;
        if (work.Todo.Length > 0)
        {
            if (lockError != null)
                throw lockError;
            AtomicFile.DeleteLeftovers(folder);
            FeatureFolder.CheckSpace(folder, work.Todo.Sum(s => s.Tokens) * fingerprint.Width * options.BytesPerValue);
            work.Manifest.Save(folder);
            var loading = Stopwatch.StartNew();
            using var encoder = new FrozenEncoder(backbone, execution);
            loadSeconds = loading.Elapsed.TotalSeconds;
            work = work with { Manifest = await ComputeAsync(encoder, fingerprint, work, folder, progress, cancellationToken).ConfigureAwait(false) };
        }

        var padded = work.Todo.Sum(s => s.PaddedTokens);
        var tokens = work.Todo.Sum(s => s.Tokens);
        return new FeatureJobResult
        {
            Folder = folder,
            Examples = examples.Count,
            Computed = work.ToCompute,
            Reused = examples.Count - work.ToCompute,
            Tokens = tokens,
            PaddingPercent = padded == 0 ? 0 : 100.0 * (padded - tokens) / padded,
            Bytes = work.Manifest.Shards.Sum(s => s.Bytes),
            DType = options.DType,
            Seconds = watch.Elapsed.TotalSeconds,
            LoadSeconds = loadSeconds,
            Fingerprint = fingerprint.Hash,
            Notices = notices,
        };
    }

    /// <summary>Takes up the plan that an earlier run made for the same data, or makes a new one for what is missing.</summary>
    static FeatureWork Plan(Backbone backbone, FeatureOptions options, IReadOnlyList<Example> examples, FeatureKey[] keys, FeatureManifest manifest,
        string folder, List<string> notices, CancellationToken cancellationToken)
    {
        var data = FeatureKey.HashOf(keys);
        var distinct = keys.Distinct().Count();
        var stored = FeatureFolder.StoredKeys(folder, manifest);
        if (manifest.Jobs.LastOrDefault(j => j.Data == data) is { } earlier)
        {
            var before = Missing(keys, stored.Where(s => s.Value < earlier.FirstShard).Select(s => s.Key).ToHashSet());
            if (FeatureKey.HashOf(before.Select(i => keys[i])) == earlier.Plan)
            {
                if (before.All(i => stored.ContainsKey(keys[i])))
                    return new FeatureWork(manifest, [], distinct);
                var todo = Shards(before, earlier.FirstShard).Where(s => manifest.Shards.All(done => done.Number != s.Number)).ToArray();
                var left = todo.Sum(s => s.Examples.Count);
                if (left < before.Count)
                    notices.Add($"Going on with an unfinished job: {before.Count - left} of {before.Count} examples were done.");
                return new FeatureWork(manifest, todo, distinct);
            }
        }

        var missing = Missing(keys, [.. stored.Keys]);
        if (missing.Count == 0)
            return new FeatureWork(manifest, [], distinct);
        if (stored.Count > 0)
            notices.Add($"The data differ from what the cache was made for: {missing.Count} of {keys.Length} examples are not in this cache; they are computed and added.");
        var firstShard = manifest.Jobs.Select(j => j.FirstShard + j.ShardCount).DefaultIfEmpty(0).Max();
        var shards = Shards(missing, firstShard).ToArray();
        var job = new FeatureJobEntry(data, FeatureKey.HashOf(missing.Select(i => keys[i])), firstShard, shards.Length);
        return new FeatureWork(manifest with { Jobs = [.. manifest.Jobs, job] }, shards, distinct);

        IReadOnlyList<PlannedShard> Shards(List<int> indices, int firstShard)
        {
            var tokenizer = backbone.RequireTokenizer();
            var planned = new PlannedExample[indices.Count];
            Parallel.For(0, indices.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            {
                var example = examples[indices[i]];
                planned[i] = new PlannedExample(example, keys[indices[i]], TokenIds.Of(tokenizer, example, options.MaxLength));
            });
            return FeaturePlan.Make(planned, firstShard, options);
        }
    }

    /// <summary>Indices of the examples, each text once, whose key is not in <paramref name="known"/>. Adds them to it.</summary>
    static List<int> Missing(FeatureKey[] keys, HashSet<FeatureKey> known)
    {
        var missing = new List<int>();
        for (var i = 0; i < keys.Length; i++)
        {
            if (known.Add(keys[i]))
                missing.Add(i);
        }
        return missing;
    }

    /// <summary>Backbone runs on all threads; finished shards go through a short queue to one writer.</summary>
    static async Task<FeatureManifest> ComputeAsync(FrozenEncoder encoder, FeatureFingerprint fingerprint, FeatureWork work, string folder,
        IProgress<FeatureProgress>? progress, CancellationToken cancellationToken)
    {
        var manifest = work.Manifest;
        var buffers = work.Todo.Select(s => new FeatureShardBuffer(s, fingerprint)).ToArray();
        var runs = buffers.SelectMany(b => b.Plan.Runs.Select(run => (Buffer: b, Run: run))).ToArray();
        var totalTokens = work.Todo.Sum(s => s.Tokens);
        var finished = Channel.CreateBounded<FeatureShardBuffer>(2);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = Stopwatch.StartNew();
        var next = -1;
        var examplesDone = work.Distinct - work.ToCompute;
        long tokensDone = 0;

        var writer = Task.Run(async () =>
        {
            await foreach (var buffer in finished.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                manifest = manifest.With(buffer.Write(folder));
                manifest.Save(folder);
                buffer.Dispose();
            }
        }, CancellationToken.None);
        var workers = Enumerable.Range(0, Math.Min(encoder.Threads, runs.Length)).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < runs.Length)
            {
                stop.Token.ThrowIfCancellationRequested();
                var (buffer, run) = runs[i];
                var batch = buffer.Plan.Examples.Skip(run.Start).Take(run.Count).Select(e => e.Tokens).ToArray();
                var shardIsComplete = false;
                encoder.Run(batch, (hidden, length) => shardIsComplete = buffer.Store(run, hidden, length));
                if (shardIsComplete)
                    await finished.Writer.WriteAsync(buffer, stop.Token).ConfigureAwait(false);
                var tokens = Interlocked.Add(ref tokensDone, batch.Sum(t => t.Length));
                var done = Interlocked.Add(ref examplesDone, run.Count);
                progress?.Report(new FeatureProgress
                {
                    Examples = done,
                    TotalExamples = work.Distinct,
                    Tokens = tokens,
                    TotalTokens = totalTokens,
                    Elapsed = watch.Elapsed,
                });
            }
        }, CancellationToken.None)).ToList();

        // The first failure stops the others; all have ended before the encoder goes away.
        var running = new List<Task>(workers) { writer };
        Exception? failure = null;
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            if (ended.IsFaulted || ended.IsCanceled)
            {
                failure ??= ended.Exception?.InnerException ?? new OperationCanceledException(cancellationToken);
                await stop.CancelAsync().ConfigureAwait(false);
            }
            if (running.Count == 1 && running[0] == writer)
                finished.Writer.TryComplete();
        }
        foreach (var buffer in buffers)
            buffer.Dispose();
        if (failure != null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return manifest;
    }

    /// <summary>What is left to do.</summary>
    /// <param name="Manifest">The cache as it is, with this job entered.</param>
    /// <param name="Todo">Shards to compute.</param>
    /// <param name="Distinct">Different texts asked for.</param>
    sealed record FeatureWork(FeatureManifest Manifest, PlannedShard[] Todo, int Distinct)
    {
        internal int ToCompute => Todo.Sum(s => s.Examples.Count);
    }
}
