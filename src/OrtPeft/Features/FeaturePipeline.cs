using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace OrtPeft;

/// <summary>
/// Three stages at once, with short queues between: one task reads, tokenizes and plans; the backbone runs on all threads; one task flushes
/// finished shards to disk. The first failure stops all; finished shards are kept.
/// </summary>
sealed class FeaturePipeline
{
    const int RunsAhead = 32;
    const int ShardsAhead = 2;

    readonly FeatureStore _store;
    readonly FeatureTally _tally;
    readonly Channel<(FeatureShardWriter Shard, PlannedRun Run)> _runs = Channel.CreateBounded<(FeatureShardWriter, PlannedRun)>(RunsAhead);
    readonly Channel<FeatureShardWriter> _finished = Channel.CreateBounded<FeatureShardWriter>(ShardsAhead);
    readonly ConcurrentDictionary<int, FeatureShardWriter> _open = [];
    readonly Func<FrozenEncoder> _load;
    readonly TaskCompletionSource<FrozenEncoder?> _encoder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ExceptionDispatchInfo? _failure;

    /// <param name="store">Where shards go.</param>
    /// <param name="tally">What is counted.</param>
    /// <param name="load">Opens the backbone; called only if there is something to compute.</param>
    internal FeaturePipeline(FeatureStore store, FeatureTally tally, Func<FrozenEncoder> load)
    {
        _store = store;
        _tally = tally;
        _load = load;
    }

    /// <summary>Computes all shards of <paramref name="shards"/>, which is read as fast as the work goes on.</summary>
    internal async Task RunAsync(IAsyncEnumerable<PlannedShard> shards, int calls, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var planning = Guarded(() => PlanAsync(shards, stop.Token), stop);
        var computing = Enumerable.Range(0, calls).Select(_ => Guarded(() => Task.Factory.StartNew(() => Compute(stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default), stop)).ToArray();
        var writing = Guarded(WriteAsync, stop);
        await planning.ConfigureAwait(false);
        await Task.WhenAll(computing).ConfigureAwait(false);
        _finished.Writer.Complete();
        await writing.ConfigureAwait(false);
        foreach (var unfinished in _open.Values)
            unfinished.Dispose();
        if (_encoder.Task is { IsCompletedSuccessfully: true, Result: { } encoder })
            encoder.Dispose();
        _failure?.Throw();
        cancellationToken.ThrowIfCancellationRequested();
    }

    async Task PlanAsync(IAsyncEnumerable<PlannedShard> shards, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var shard in shards.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (!_encoder.Task.IsCompleted)
                {
                    _store.BeginAdding();
                    _encoder.SetResult(_tally.Loading(_load));
                }
                var writer = new FeatureShardWriter(shard, _store.Fingerprint, _store.Folder);
                _open[shard.Number] = writer;
                foreach (var run in shard.Runs)
                    await _runs.Writer.WriteAsync((writer, run), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _encoder.TrySetResult(null);
            _runs.Writer.Complete();
        }
    }

    /// <summary>On a thread of its own: what ONNX Runtime, the C library and buffer pools keep for a thread, they keep for these only.</summary>
    void Compute(CancellationToken cancellationToken)
    {
        var encoder = _encoder.Task.GetAwaiter().GetResult();
        foreach (var (shard, run) in _runs.Reader.ReadAllAsync(cancellationToken).ToBlockingEnumerable(cancellationToken))
        {
            var examples = shard.Plan.Examples;
            Halving.Run(run.Start, run.Count, OrtSession.IsOutOfMemory, (start, count) =>
            {
                var batch = new EncodedExample[count];
                for (var i = 0; i < count; i++)
                    batch[i] = examples[start + i].Tokens;
                encoder!.RunSite(batch, (outputs, length) =>
                {
                    for (var tensor = 0; tensor < outputs.Count; tensor++)
                        shard.Store(tensor, start, count, outputs[tensor].GetTensorDataAsSpan<float>(), length, tensor == 0 ? _tally.Errors : null);
                });
            });
            if (shard.EndRun())
                _finished.Writer.WriteAsync(shard, cancellationToken).AsTask().GetAwaiter().GetResult();
            _tally.Computed(run.Count, Enumerable.Range(run.Start, run.Count).Sum(i => (long)examples[i].Tokens.Length));
        }
    }

    async Task WriteAsync()
    {
        // What is finished is written, also when the work is being stopped.
        await foreach (var shard in _finished.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            using (shard)
                _store.Add(shard.Complete());
            _open.TryRemove(shard.Plan.Number, out _);
        }
    }

    Task Guarded(Func<Task> work, CancellationTokenSource stop) => Task.Run(async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Somebody else failed, or the caller cancelled; that is what is reported.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }, CancellationToken.None);
}

/// <summary>A batch that does not fit into memory is halved, and goes on.</summary>
static class Halving
{
    /// <summary>Runs <paramref name="work"/>(start, count); when it fails for lack of memory, on the first half and then on the second.</summary>
    internal static void Run(int start, int count, Func<Exception, bool> isOutOfMemory, Action<int, int> work)
    {
        try
        {
            work(start, count);
        }
        catch (Exception e) when (count > 1 && isOutOfMemory(e))
        {
            Run(start, count / 2, isOutOfMemory, work);
            Run(start + count / 2, count - count / 2, isOutOfMemory, work);
        }
    }
}

/// <summary>What a job has done so far, and who is told. Safe for many threads.</summary>
sealed class FeatureTally(IProgress<FeatureProgress>? progress, int totalExamples)
{
    readonly Lock _gate = new();
    readonly Stopwatch _watch = new();
    long _plannedTokens;
    int _plannedExamples;

    internal FeatureErrorMeter Errors { get; } = new();

    internal double LoadSeconds { get; private set; }

    internal int ComputedExamples { get; private set; }

    internal int OtherExamples { get; private set; }

    internal long Tokens { get; private set; }

    internal long PaddedTokens { get; private set; }

    internal int Examples => ComputedExamples + OtherExamples;

    internal FrozenEncoder Loading(Func<FrozenEncoder> load)
    {
        var watch = Stopwatch.StartNew();
        var encoder = load();
        LoadSeconds = watch.Elapsed.TotalSeconds;
        _watch.Start();
        return encoder;
    }

    /// <summary>A window was planned: so many of its examples need no work here.</summary>
    internal void Planned(int examples, IReadOnlyCollection<PlannedShard> todo)
    {
        lock (_gate)
        {
            var toCompute = todo.Sum(s => s.Examples.Count);
            OtherExamples += examples - toCompute;
            _plannedExamples += examples;
            _plannedTokens += todo.Sum(s => s.Tokens);
            PaddedTokens += todo.Sum(s => s.PaddedTokens);
        }
    }

    internal void Computed(int examples, long tokens)
    {
        Telemetry.Features.Add(examples);
        FeatureProgress report;
        lock (_gate)
        {
            ComputedExamples += examples;
            Tokens += tokens;
            var left = Math.Max(0, totalExamples - _plannedExamples);
            report = new FeatureProgress
            {
                Examples = Examples,
                TotalExamples = totalExamples,
                Tokens = Tokens,
                // What is not planned yet is taken to be like what is.
                TotalTokens = totalExamples == 0 ? 0 : _plannedTokens + (long)((double)_plannedTokens / Math.Max(1, _plannedExamples) * left),
                Elapsed = _watch.Elapsed,
            };
        }
        progress?.Report(report);
    }
}
