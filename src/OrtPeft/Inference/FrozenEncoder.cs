using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// Runs the frozen backbone over small batches. One session with one intra-op thread, safe to call from many threads at once: on CPUs
/// that is faster than one large multi-threaded run, and the weights are held once. Of several devices each has a session, and a call takes one that is free.
/// </summary>
sealed class FrozenEncoder : IDisposable
{
    readonly InferenceSession[] _sessions;
    readonly BlockingCollection<InferenceSession> _free;
    readonly RunOptions _runOptions = new();
    readonly string[] _inputs;
    readonly string[] _outputs;

    /// <summary>Runs the whole backbone; <paramref name="layers"/> of its last hidden states stand side by side.</summary>
    internal FrozenEncoder(Backbone backbone, ExecutionOptions execution, int layers = 1)
        : this(backbone, execution, BackboneSites.Resolve(backbone, LastLayers.SiteOf(layers)), intraOpThreads: 1)
    {
    }

    /// <summary>Runs the part of the backbone before <paramref name="site"/>.</summary>
    internal FrozenEncoder(Backbone backbone, ExecutionOptions execution, FeatureSite site, int intraOpThreads)
    {
        Backbone = backbone;
        Site = site;
        Threads = Math.Max(1, execution.Calls / intraOpThreads);
        var graph = new FrozenGraph(backbone, site);
        _sessions = [.. execution.Devices.Select(device => CompiledGraph.Open(graph, execution, device, intraOpThreads) ?? graph.Open(execution, device, intraOpThreads))];
        _outputs = graph.OutputsOf(_sessions[0]);
        _inputs = [.. backbone.InputNames.Where(_sessions[0].InputNames.Contains)];
        _free = new BlockingCollection<InferenceSession>(new ConcurrentQueue<InferenceSession>(_sessions));
    }

    /// <summary>What its runs give.</summary>
    internal FeatureSite Site { get; }

    internal Backbone Backbone { get; }

    /// <summary>How many calls to make at once.</summary>
    internal int Threads { get; }

    /// <summary>
    /// Hidden states of the last layer of <paramref name="batch"/>, padded to its longest member: row-major [batch, length, hidden],
    /// given to <paramref name="use"/> while it lives.
    /// </summary>
    internal void Run(ReadOnlySpan<EncodedExample> batch, ReadOnlySpanAction<float, int> use) =>
        RunSite(batch, (outputs, length) => use(outputs[0].GetTensorDataAsSpan<float>(), length));

    /// <summary>The tensors of <see cref="Site"/> in its order, and the padded length, given to <paramref name="use"/> while they live.</summary>
    internal void RunSite(ReadOnlySpan<EncodedExample> batch, Action<IReadOnlyList<OrtValue>, int> use)
    {
        if (Backbone.Images is { } images)
        {
            RunImages(images, batch, use);
            return;
        }
        var length = 0;
        foreach (var tokens in batch)
            length = Math.Max(length, tokens.Length);
        var size = batch.Length * length;
        var buffers = new long[_inputs.Length][];
        var values = new OrtValue[_inputs.Length];
        var session = Take();
        try
        {
            for (var i = 0; i < _inputs.Length; i++)
            {
                buffers[i] = ArrayPool<long>.Shared.Rent(size);
                EncodedExample.Fill(Backbone, _inputs[i], batch, length, buffers[i].AsSpan(0, size));
                values[i] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffers[i].AsMemory(0, size), [batch.Length, length]);
            }
            using var outputs = session.Run(_runOptions, _inputs, values, _outputs);
            use([.. outputs], length);
        }
        catch (OnnxRuntimeException e) when (!OrtSession.IsOutOfMemory(e))
        {
            throw new OrtPeftException($"ONNX Runtime cannot run '{Backbone.ModelPath}' on texts of {length} tokens: {OrtSession.FirstLine(e).TrimEnd('.')}. " +
                $"Lower --max-length if config.json promises more tokens than the model takes.", e);
        }
        finally
        {
            GiveBack(session);
            foreach (var value in values)
                value?.Dispose();
            foreach (var buffer in buffers)
            {
                if (buffer != null)
                    ArrayPool<long>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Prepares the images of a run and runs them; what is decoded lives no longer than the run.</summary>
    void RunImages(ImageInput images, ReadOnlySpan<EncodedExample> batch, Action<IReadOnlyList<OrtValue>, int> use)
    {
        var preparation = images.RequirePreparation();
        var (count, (height, width)) = (preparation.Count, preparation.Result);
        var pixels = ArrayPool<float>.Shared.Rent(batch.Length * count);
        var session = Take();
        try
        {
            for (var row = 0; row < batch.Length; row++)
                preparation.Prepare(batch[row].Image!, pixels.AsSpan(row * count, count));
            using var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, batch.Length * count), [batch.Length, preparation.Channels, height, width]);
            using var outputs = session.Run(_runOptions, _inputs, [value], _outputs);
            use([.. outputs], images.Tokens);
        }
        catch (OnnxRuntimeException e) when (!OrtSession.IsOutOfMemory(e))
        {
            throw new OrtPeftException($"ONNX Runtime cannot run '{Backbone.ModelPath}' on images of {height} x {width} pixels: {OrtSession.FirstLine(e).TrimEnd('.')}. " +
                $"Is {PreprocessorConfig.FileName} the one that belongs to the model?", e);
        }
        finally
        {
            GiveBack(session);
            ArrayPool<float>.Shared.Return(pixels);
        }
    }

    /// <summary>All calls share the only session; of several each serves one call at a time.</summary>
    InferenceSession Take() => _sessions is [var only] ? only : _free.Take();

    void GiveBack(InferenceSession session)
    {
        if (_sessions.Length > 1)
            _free.Add(session);
    }

    public void Dispose()
    {
        foreach (var session in _sessions)
            session.Dispose();
        _free.Dispose();
        _runOptions.Dispose();
    }
}
