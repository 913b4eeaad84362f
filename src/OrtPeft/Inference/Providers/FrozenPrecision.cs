namespace OrtPeft;

/// <summary>Number formats in which the frozen part of a model can compute; in half precision what sums up many numbers stays in float32.</summary>
public enum FrozenPrecision
{
    /// <summary>As the model says.</summary>
    Fp32,

    /// <summary>float16: 10 bits of mantissa, up to 65,504.</summary>
    Fp16,

    /// <summary>bfloat16: 7 bits of mantissa, the range of float32.</summary>
    Bf16,
}
