namespace OrtPeft;

/// <summary>The model is sound, but it is not of a kind that this version runs as a backbone.</summary>
sealed class NotAnEncoderException(string message) : OrtPeftException(message);
