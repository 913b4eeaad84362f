namespace OrtPeft.Graphs;

/// <summary>What an edit of a graph did.</summary>
/// <param name="Count">How many places were changed; 0 when it did not apply.</param>
/// <param name="Explanation">What was changed, or why nothing was.</param>
public readonly record struct EditResult(int Count, string Explanation)
{
    /// <summary>Whether anything was changed.</summary>
    public bool Applied => Count > 0;
}
