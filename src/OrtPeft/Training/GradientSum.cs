using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>The gradients of a step: those of its micro-batches, weighted by their shares and added up in order.</summary>
sealed class GradientSum
{
    const int PartLength = 1 << 15;

    readonly OrtValue[][] _microBatches;
    readonly ParallelOptions _parallel;
    readonly double[] _squares;

    /// <param name="microBatches">The gradients of each micro-batch; the first are replaced by the sum.</param>
    /// <param name="buffers">What the gradients belong to.</param>
    /// <param name="threads">Threads to sum with.</param>
    internal GradientSum(OrtValue[][] microBatches, TrainingBuffers buffers, int threads)
    {
        _microBatches = microBatches;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parts = [.. Enumerable.Range(0, buffers.Count).SelectMany(tensor => Divide(tensor, buffers.Length(tensor)))];
        _squares = new double[Parts.Count];
    }

    /// <summary>The sum, tensor by tensor.</summary>
    internal OrtValue[] Values => _microBatches[0];

    /// <summary>All tensors in pieces of equal work, the same for any number of threads.</summary>
    internal IReadOnlyList<TensorPart> Parts { get; }

    /// <summary>The norm of all gradients together.</summary>
    internal double Norm { get; private set; }

    /// <summary>Sums the first <paramref name="shares"/>.Length micro-batches.</summary>
    internal void Add(float[] shares)
    {
        ForEachPart((part, i) =>
        {
            var sum = part.Of(Values);
            if (shares.Length > 1)
                TensorPrimitives.Multiply(sum, shares[0], sum);
            for (var m = 1; m < shares.Length; m++)
                TensorPrimitives.MultiplyAdd(part.Of(_microBatches[m]), shares[m], sum, sum);
            _squares[i] = TensorPrimitives.SumOfSquares<float>(sum);
        });
        Norm = Math.Sqrt(_squares.Sum());
    }

    /// <summary>Runs <paramref name="action"/> over all parts with their index, on all threads.</summary>
    internal void ForEachPart(Action<TensorPart, int> action) => Parallel.For(0, Parts.Count, _parallel, i => action(Parts[i], i));

    static IEnumerable<TensorPart> Divide(int tensor, int length)
    {
        for (var start = 0; start < length; start += PartLength)
            yield return new TensorPart(tensor, start, Math.Min(PartLength, length - start));
    }
}

/// <summary>A piece of one of the trained tensors.</summary>
readonly record struct TensorPart(int Tensor, int Start, int Length)
{
    internal Span<float> Of(OrtValue[] buffers) => TrainingBuffers.Span(buffers[Tensor]).Slice(Start, Length);
}
