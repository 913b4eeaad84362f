using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Opens ONNX Runtime sessions the one way this library uses them, and translates what the runtime says when it cannot.</summary>
static class OrtSession
{
    /// <summary>Opens the model file at <paramref name="path"/>; weights go straight from the file to the runtime.</summary>
    /// <param name="path">The file.</param>
    /// <param name="intraOpThreads">Threads of a run on the processor.</param>
    /// <param name="execution">Provider, of whose devices the first is taken; null for the processor.</param>
    internal static InferenceSession FromFile(string path, int intraOpThreads, ExecutionOptions? execution = null)
    {
        using var options = Options(intraOpThreads, execution);
        return FromFile(path, options, execution);
    }

    /// <summary>The same with <paramref name="options"/> made here and changed.</summary>
    internal static InferenceSession FromFile(string path, SessionOptions options, ExecutionOptions? execution)
    {
        try
        {
            return Open(execution, () => new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException e)
        {
            throw new OrtPeftException($"ONNX Runtime {Version} cannot load '{path}': {FirstLine(e)}", e);
        }
    }

    /// <summary>Opens a model that was made by editing; it goes through a file, because weights may be larger than memory likes.</summary>
    internal static InferenceSession FromModel(Graphs.OnnxModel model, int intraOpThreads, ExecutionOptions? execution = null)
    {
        using var options = Options(intraOpThreads, execution);
        return FromModel(model, options, execution);
    }

    /// <summary>The same with <paramref name="options"/> made here and changed.</summary>
    internal static InferenceSession FromModel(Graphs.OnnxModel model, SessionOptions options, ExecutionOptions? execution)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-cut-");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            model = model.Copy();
            Graphs.SmallTables.Apply(model);
            model.Save(path);
            return FromFile(path, options, execution);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Opens a generated graph, which holds no weights to speak of.</summary>
    internal static InferenceSession FromBytes(byte[] model, int intraOpThreads, ExecutionOptions? execution = null)
    {
        using var options = Options(intraOpThreads, execution);
        return Open(execution, () => new InferenceSession(model, options));
    }

    /// <summary>What of the options below may change a value.</summary>
    internal const string Precision = "as the model says, deterministic, all graph optimizations";

    internal static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>The options of every session.</summary>
    /// <param name="intraOpThreads">Threads of a run on the processor.</param>
    /// <param name="execution">Provider; null for the processor.</param>
    /// <param name="device">Number of the provider's device; null for the first of <paramref name="execution"/>.</param>
    internal static SessionOptions Options(int intraOpThreads, ExecutionOptions? execution = null, int? device = null)
    {
        execution ??= ExecutionOptions.Processor;
        var provider = execution.Chosen;
        if (ProviderHost.This.Problem(provider) is { } problem)
            throw new OrtPeftException(problem);
        var options = new SessionOptions
        {
            IntraOpNumThreads = intraOpThreads,
            InterOpNumThreads = 1,
            // A plan of memory for every shape that occurs costs a seventh of a training's memory here, and no run is faster for it.
            EnableMemoryPattern = false,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // errors come as exceptions
        };
        (execution.EffectiveOptions as CpuOptions ?? new CpuOptions()).Apply(options);
        // The same bits on the same machine, every time.
        options.AddSessionConfigEntry("session.use_deterministic_compute", "1");
        if (!provider.IsCpu)
            NodePlacement.Watch(options);
        try
        {
            provider.Append(new ProviderRequest(options, execution.EffectiveOptions, device ?? execution.Devices[0]));
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            options.Dispose();
            throw ProviderFailure.Of(provider, e);
        }
        catch
        {
            options.Dispose();
            throw;
        }
        return options;
    }

    /// <summary>A session on a provider runs there, or is refused: nothing falls back.</summary>
    static InferenceSession Open(ExecutionOptions? execution, Func<InferenceSession> open)
    {
        if (execution?.Chosen is not { IsCpu: false } provider)
            return open();
        InferenceSession session;
        try
        {
            session = open();
        }
        catch (OnnxRuntimeException e)
        {
            throw ProviderFailure.Of(provider, e);
        }
        try
        {
            NodePlacement.Require(session, provider);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether a run failed for lack of memory, so that a smaller batch may do.</summary>
    internal static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException ||
        e is OnnxRuntimeException && (e.Message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase) ||
            e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("bad_alloc", StringComparison.OrdinalIgnoreCase));

    /// <summary>What the runtime says, without its stack.</summary>
    internal static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();
}
