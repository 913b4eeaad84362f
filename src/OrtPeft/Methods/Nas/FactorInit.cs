namespace OrtPeft;

/// <summary>How the factors of a low-rank update start.</summary>
public enum FactorInit
{
    /// <summary>U0 and V0 normal with deviation 0.02, their product taken off: both are trained and pruned by the same measure.</summary>
    Balanced,

    /// <summary>LoRA's own: one factor random, the other zero.</summary>
    Standard,
}
