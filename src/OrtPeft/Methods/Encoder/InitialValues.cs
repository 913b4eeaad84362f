using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The values of a trained tensor at the start: a function of name, seed and shape; and the value that has no influence beside others of the method.</summary>
sealed record InitialValues(Func<string, long, long[], float[]> AtStart, float Neutral = 0);

/// <summary>Usual values at the start.</summary>
static class Initial
{
    internal static readonly InitialValues Zeros = Constant(0), Ones = Constant(1);

    internal static InitialValues Constant(float value) => new((name, _, shape) => TrainedTensor.Constant(name, value, shape).Values, value);

    /// <summary>Normal with mean 0.</summary>
    internal static InitialValues Normal(double deviation) => new((name, seed, shape) => TrainedTensor.Normal(name, deviation, seed, shape).Values);

    /// <summary>Uniform within +-<paramref name="bound"/>.</summary>
    internal static InitialValues Uniform(double bound) => new((name, seed, shape) => TrainedTensor.Uniform(name, bound, seed, shape).Values);

    /// <summary>What the backbone has there.</summary>
    internal static InitialValues From(OnnxTensor tensor) => new((_, _, _) => tensor.ToFloats());

    /// <summary>Values that are known already.</summary>
    internal static InitialValues From(TrainedTensor values) => new((_, _, _) => [.. values.Values]);
}
