namespace OrtPeft;

/// <summary>How the right answers of a task enter a training graph. Inside it all become a tensor of the scores' shape.</summary>
enum TargetKind
{
    /// <summary>One class an example: int64 [batch], as one-hot rows [batch, labels].</summary>
    Class,

    /// <summary>One class a token: int64 [batch, sequence], as one-hot rows [batch, sequence, labels]; <see cref="Targets.None"/> counts nothing.</summary>
    TokenClass,

    /// <summary>One of ordered levels: int64 [batch], as 1 for each of the levels - 1 thresholds that it lies above, else 0.</summary>
    Level,

    /// <summary>Numbers: float [batch, outputs].</summary>
    Values,
}
