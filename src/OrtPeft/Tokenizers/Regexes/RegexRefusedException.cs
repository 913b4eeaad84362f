namespace OrtPeft;

/// <summary>A regular expression that is wrong, or uses what cannot be carried out with the same meaning. The reader adds where it stands.</summary>
sealed class RegexRefusedException(string message) : Exception(message);
