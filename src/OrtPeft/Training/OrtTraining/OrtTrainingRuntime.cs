using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Whether this process has ONNX Runtime's own training runtime: the bindings always have its classes, few native libraries its code.</summary>
static class OrtTrainingRuntime
{
    internal static bool IsAvailable { get; } = Find();

    /// <exception cref="OrtPeftException">It has not.</exception>
    internal static void Require()
    {
        if (!IsAvailable)
        {
            throw new OrtPeftException($"ONNX Runtime {OrtSession.Version} in this process has no training runtime. Use the package Microsoft.ML.OnnxRuntime.Training 1.19.2 " +
                "instead of other ONNX Runtime packages (build with -p:OrtSource=nuget -p:OrtFlavor=training), or train with --engine graph, which gives the same values.");
        }
    }

    static bool Find()
    {
        try
        {
            using var state = CheckpointState.LoadCheckpoint("no such file");
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return true; // it looked for the file
        }
        catch (Exception e) when (e is InvalidOperationException or TypeInitializationException)
        {
            return false;
        }
    }
}
