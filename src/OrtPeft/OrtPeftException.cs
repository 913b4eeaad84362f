namespace OrtPeft;

/// <summary>
/// A mistake that the user can mend: a missing file, a broken model, an unknown label. The message says what is wrong, where, what was
/// expected, what was found and what to do next; it is meant to be shown without a stack trace.
/// </summary>
public class OrtPeftException : Exception
{
    /// <summary>Creates the exception.</summary>
    public OrtPeftException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
