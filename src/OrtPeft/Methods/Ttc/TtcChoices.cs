namespace OrtPeft;

/// <summary>Where TTC's maps are.</summary>
public enum TtcPosition
{
    /// <summary>The residual stream behind attention, on the branch and on the skip path alike.</summary>
    Attn,

    /// <summary>The output of the feed-forward network, before its residual sum.</summary>
    Mlp,

    /// <summary>Queries and values.</summary>
    Qkv,
}

/// <summary>TTC's maps at the start.</summary>
public enum TtcInit
{
    /// <summary>The identity: W = 0, b = 0.</summary>
    Zero,

    /// <summary>W normal with deviation 0.02, b = 0 (SCT, arXiv 2309.08513).</summary>
    Sct,
}

/// <summary>What ranks the channels of TTC.</summary>
public enum TtcScore
{
    /// <summary>Mean over examples of |sum over tokens of f dLoss/df|.</summary>
    Absolute,

    /// <summary>Mean of its square.</summary>
    Squared,

    /// <summary>Mean over classes of the absolute score's mean in each.</summary>
    ClassBalanced,

    /// <summary>Mean over classes of the channel's norm over all examples and tokens but the first, without any gradient (SCT).</summary>
    L2,

    /// <summary>Chance.</summary>
    Random,
}

/// <summary>The stages of TTC that are run.</summary>
public enum TtcStage
{
    /// <summary>Norms, then maps.</summary>
    Both,

    /// <summary>The norms alone: LayerNorm tuning.</summary>
    First,

    /// <summary>The maps alone, in the model as it is.</summary>
    Second,
}

/// <summary>Settings of TTC that are compared.</summary>
public enum TtcAblation
{
    /// <summary>None.</summary>
    None,

    /// <summary>Each stage alone, both, and every score.</summary>
    All,
}
