namespace OrtPeft;

/// <summary>A float32 tensor that is trained: name, shape, values in row-major order.</summary>
public sealed record TrainedTensor(string Name, IReadOnlyList<long> Shape, float[] Values)
{
    /// <summary>Its learning rate as a multiple of the run's.</summary>
    internal double Rate { get; init; } = 1;

    /// <summary>How many values its shape holds.</summary>
    internal long Count => Shape.Aggregate(1L, (a, b) => a * b);

    internal static TrainedTensor Constant(string name, float value, params long[] shape)
    {
        var tensor = new TrainedTensor(name, shape, new float[CountOf(shape)]);
        tensor.Values.AsSpan().Fill(value);
        return tensor;
    }

    /// <summary>Normal with mean 0; draws depend on seed and name alone.</summary>
    internal static TrainedTensor Normal(string name, double deviation, long seed, params long[] shape)
    {
        var random = new CounterRandom(seed, "init/" + name);
        var values = new float[CountOf(shape)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextNormal() * deviation);
        return new TrainedTensor(name, shape, values);
    }

    /// <summary>Uniform within +-<paramref name="bound"/>; draws depend on seed and name alone.</summary>
    internal static TrainedTensor Uniform(string name, double bound, long seed, params long[] shape)
    {
        var random = new CounterRandom(seed, "init/" + name);
        var values = new float[CountOf(shape)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (2 * random.NextSingle() - 1) * (float)bound;
        return new TrainedTensor(name, shape, values);
    }

    /// <summary>Xavier-uniform for a matrix [in, out]: within +-sqrt(6 / (in + out)) (Glorot and Bengio 2010, equation 16).</summary>
    internal static TrainedTensor XavierUniform(string name, long seed, long rows, long columns) => Uniform(name, Math.Sqrt(6.0 / (rows + columns)), seed, rows, columns);

    static long CountOf(long[] shape) => shape.Aggregate(1L, (a, b) => checked(a * b));
}
