namespace OrtPeft;

/// <summary>The names by which ONNX Runtime training knows files, inputs and outputs.</summary>
static class ArtifactNames
{
    internal const string TrainingModel = "training_model.onnx", EvalModel = "eval_model.onnx", OptimizerModel = "optimizer_model.onnx", Checkpoint = "checkpoint";

    /// <summary>Input of the training model: bool [1]; true replaces the gradient buffers, false adds to them.</summary>
    internal const string LazyResetGrad = "lazy_reset_grad";

    const string GradientSuffix = "_grad", BufferSuffix = "_grad.accumulation.buffer", DoneSuffix = "_grad.accumulation.out";

    internal static string Gradient(string parameter) => parameter + GradientSuffix;

    /// <summary>Input: the buffer the gradient is added to, in place.</summary>
    internal static string Buffer(string parameter) => parameter + BufferSuffix;

    /// <summary>The parameter whose gradient buffer has this name; null when it is none.</summary>
    internal static string? BufferedBy(string name) => name.EndsWith(BufferSuffix, StringComparison.Ordinal) ? name[..^BufferSuffix.Length] : null;

    /// <summary>Output: bool [1], that the gradient was added.</summary>
    internal static string Done(string parameter) => parameter + DoneSuffix;

    /// <summary>Whether the runtime takes an input or output of this name for something of its own.</summary>
    internal static bool IsReserved(string name) =>
        name == LazyResetGrad || name.EndsWith(GradientSuffix, StringComparison.Ordinal) || name.EndsWith(BufferSuffix, StringComparison.Ordinal) || name.EndsWith(DoneSuffix, StringComparison.Ordinal);
}
