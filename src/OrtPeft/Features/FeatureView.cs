namespace OrtPeft;

/// <summary>What of the cached features enters the trained part.</summary>
enum FeatureView
{
    /// <summary>All tokens: [batch, sequence, width] and a mask [batch, sequence].</summary>
    Tokens,

    /// <summary>The mean over all tokens, special tokens included: [batch, width].</summary>
    Mean,

    /// <summary>The first token: [batch, width].</summary>
    Cls,

    /// <summary>The maximum over all tokens, element by element: [batch, width].</summary>
    Max,
}
