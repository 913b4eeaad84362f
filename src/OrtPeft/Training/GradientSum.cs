using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>The gradients of a step: those of its micro-batches, weighted by their shares and added up in order.</summary>
interface IGradientSum : IDisposable
{
    /// <summary>The sum, tensor by tensor.</summary>
    OrtValue[] Values { get; }

    /// <summary>The norm of all gradients together.</summary>
    double Norm { get; }

    /// <summary>Adds gradients times their shares, in order; those that lie in <see cref="Values"/> begin the sum. After the last ones single entries are cut off if asked.</summary>
    void Add((OrtValue[] Gradients, float Share)[] terms, bool isLast);
}

/// <summary>The sum in the processor's memory.</summary>
sealed class GradientSum : IGradientSum
{
    const int PartLength = 1 << 15;

    readonly ParallelOptions _parallel;
    readonly double[] _squares;
    readonly float _limit;

    /// <param name="values">Where the sum is kept: the gradients of the first micro-batch, which it replaces.</param>
    /// <param name="buffers">What the gradients belong to.</param>
    /// <param name="clipValue">Largest entry of the sum; 0 for any.</param>
    /// <param name="threads">Threads to sum with.</param>
    internal GradientSum(OrtValue[] values, TrainingBuffers buffers, double clipValue, int threads)
    {
        Values = values;
        _limit = (float)clipValue;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parts = [.. Enumerable.Range(0, buffers.Count).SelectMany(tensor => Divide(tensor, buffers.Length(tensor)))];
        _squares = new double[Parts.Count];
    }

    /// <inheritdoc/>
    public OrtValue[] Values { get; }

    /// <summary>All tensors in pieces of equal work, the same for any number of threads.</summary>
    internal IReadOnlyList<TensorPart> Parts { get; }

    /// <inheritdoc/>
    public double Norm { get; private set; }

    /// <summary>Cuts off and measures the norm while the numbers are still in the processor's cache.</summary>
    public void Add((OrtValue[] Gradients, float Share)[] terms, bool isLast)
    {
        ForEachPart((part, i) =>
        {
            var sum = part.Of(Values);
            foreach (var (gradients, share) in terms)
            {
                if (gradients != Values)
                    TensorPrimitives.MultiplyAdd(part.Of(gradients), share, sum, sum);
                else if (share != 1)
                    TensorPrimitives.Multiply(sum, share, sum);
            }
            if (isLast && _limit > 0)
            {
                TensorPrimitives.Min(sum, _limit, sum);
                TensorPrimitives.Max(sum, -_limit, sum);
            }
            _squares[i] = isLast ? TensorPrimitives.SumOfSquares<float>(sum) : 0;
        });
        Norm = Math.Sqrt(_squares.Sum());
    }

    /// <summary>Runs <paramref name="action"/> over all parts with their index, on all threads.</summary>
    internal void ForEachPart(Action<TensorPart, int> action) => Parallel.For(0, Parts.Count, _parallel, i => action(Parts[i], i));

    public void Dispose()
    {
    }

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
