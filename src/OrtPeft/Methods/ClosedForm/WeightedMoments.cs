using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>
/// Weighted means and sums of products of the training features, in double precision. Every number is summed by one thread in a fixed order, so
/// the bits do not depend on scheduling.
/// </summary>
sealed class WeightedMoments
{
    readonly double[][] _columns;
    readonly double[] _weights;
    readonly ParallelOptions _parallel;

    /// <param name="input">The training examples.</param>
    /// <param name="weights">What each example counts.</param>
    internal WeightedMoments(SolverInput input, double[] weights)
    {
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = input.Threads, CancellationToken = input.CancellationToken };
        _weights = weights;
        Width = input.Width;
        Mass = weights.Sum();
        if (!(Mass > 0))
            throw new OrtPeftException("All training examples have the weight 0; at least one must count.");
        _columns = new double[Width][];
        Mean = new double[Width];
        Parallel.For(0, Width, _parallel, column =>
        {
            var values = new double[input.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = input.Features.Span[i * Width + column];
            var mean = TensorPrimitives.Dot<double>(values, weights) / Mass;
            TensorPrimitives.Subtract(values, mean, values);
            (_columns[column], Mean[column]) = (values, mean);
        });
    }

    internal int Width { get; }

    /// <summary>Sum of the weights.</summary>
    internal double Mass { get; }

    /// <summary>Mean of each feature: [width].</summary>
    internal double[] Mean { get; }

    /// <summary>sum_i w_i (x_i - mean)(x_i - mean)^T: [width, width].</summary>
    internal Matrix<double> Scatter()
    {
        var scatter = Matrix<double>.Build.Dense(Width, Width);
        Parallel.For(0, Width, _parallel, i =>
        {
            var weighted = Weighted(_columns[i]);
            for (var j = 0; j <= i; j++)
                scatter[i, j] = TensorPrimitives.Dot<double>(weighted, _columns[j]);
        });
        for (var i = 0; i < Width; i++)
        {
            for (var j = 0; j < i; j++)
                scatter[j, i] = scatter[i, j];
        }
        return scatter;
    }

    /// <summary>sum_i w_i (x_i - mean) y_i: [width].</summary>
    internal Vector<double> With(double[] values)
    {
        var weighted = Weighted(values);
        var sums = new double[Width];
        Parallel.For(0, Width, _parallel, i => sums[i] = TensorPrimitives.Dot<double>(_columns[i], weighted));
        return Vector<double>.Build.Dense(sums);
    }

    double[] Weighted(double[] values)
    {
        var weighted = new double[values.Length];
        TensorPrimitives.Multiply(values, _weights, weighted);
        return weighted;
    }
}
