namespace OrtPeft;

/// <summary>How the first-order estimates of a unit, one of each minibatch, become its score.</summary>
public enum ImportanceKind
{
    /// <summary>As they are: what lowers the loss counts, what raises it counts against.</summary>
#pragma warning disable CA1720 // "signed" is the word for it, not a type
    Signed,
#pragma warning restore CA1720

    /// <summary>Their absolute values.</summary>
    Absolute,

    /// <summary>Their squares.</summary>
    Squared,
}
