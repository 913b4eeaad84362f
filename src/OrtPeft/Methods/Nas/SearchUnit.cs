namespace OrtPeft;

/// <summary>What an architecture search keeps or prunes as a whole.</summary>
public enum SearchUnit
{
    /// <summary>A whole bias vector (S-BitFit), or a rank-one component of a matrix's update (S-LoRA).</summary>
    Structured,

    /// <summary>A single entry of a bias (U-BitFit), or of a factor (U-LoRA).</summary>
    Unstructured,
}
