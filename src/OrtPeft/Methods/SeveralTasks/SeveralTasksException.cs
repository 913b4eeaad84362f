namespace OrtPeft;

/// <summary>A method changes a backbone's graph in a place that all rows of a batch share, so that tasks cannot be mixed there.</summary>
sealed class SeveralTasksException(string message) : OrtPeftException(message);
