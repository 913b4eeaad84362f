using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Opens ONNX Runtime sessions the one way this library uses them, and translates what the runtime says when it cannot.</summary>
static class OrtSession
{
    /// <summary>Opens the model file at <paramref name="path"/>; weights go straight from the file to the runtime.</summary>
    internal static InferenceSession FromFile(string path, int intraOpThreads)
    {
        using var options = Options(intraOpThreads);
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OrtPeftException($"ONNX Runtime {Version} cannot load '{path}': {FirstLine(e)}", e);
        }
    }

    /// <summary>Opens a model that was made by editing; it goes through a file, because weights may be larger than memory likes.</summary>
    internal static InferenceSession FromModel(Graphs.OnnxModel model, int intraOpThreads)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-cut-");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            model.Save(path);
            return FromFile(path, intraOpThreads);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Opens a generated graph, which holds no weights to speak of.</summary>
    internal static InferenceSession FromBytes(byte[] model, int intraOpThreads)
    {
        using var options = Options(intraOpThreads);
        return new InferenceSession(model, options);
    }

    /// <summary>What of the options below may change a value.</summary>
    internal const string Precision = "as the model says, deterministic, all graph optimizations";

    internal static string Version => OrtEnv.Instance().GetVersionString();

    static SessionOptions Options(int intraOpThreads)
    {
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
        // Busy-waiting threads ruin shared machines and gain nothing measurable on quiet ones.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        // The same bits on the same machine, every time.
        options.AddSessionConfigEntry("session.use_deterministic_compute", "1");
        return options;
    }

    /// <summary>Whether a run failed for lack of memory, so that a smaller batch may do.</summary>
    internal static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException ||
        e is OnnxRuntimeException && (e.Message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase) ||
            e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("bad_alloc", StringComparison.OrdinalIgnoreCase));

    /// <summary>What the runtime says, without its stack.</summary>
    internal static string FirstLine(OnnxRuntimeException e) => e.Message.Split('\n')[0].Trim();
}
