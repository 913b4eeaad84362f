namespace OrtPeft.Graphs;

/// <summary>An ONNX file or graph that cannot be used as it is. The message says where and why in one or two sentences.</summary>
public sealed class OnnxException : OrtPeftException
{
    /// <summary>Creates the exception.</summary>
    public OnnxException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
