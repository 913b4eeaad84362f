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

    /// <summary>Opens a generated graph, which holds no weights to speak of.</summary>
    internal static InferenceSession FromBytes(byte[] model, int intraOpThreads)
    {
        using var options = Options(intraOpThreads);
        return new InferenceSession(model, options);
    }

    internal static string Version => OrtEnv.Instance().GetVersionString();

    static SessionOptions Options(int intraOpThreads)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = intraOpThreads,
            InterOpNumThreads = 1,
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

    /// <summary>What the runtime says, without its stack.</summary>
    internal static string FirstLine(OnnxRuntimeException e) => e.Message.Split('\n')[0].Trim();
}
