using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>What storing features as a number format adds to them, measured on a sample of tokens.</summary>
/// <param name="DType">The number format.</param>
/// <param name="MaxAbsolute">Largest difference of a value.</param>
/// <param name="Relative">Norm of all differences divided by the norm of all values.</param>
public sealed record FeatureError(FeatureDType DType, double MaxAbsolute, double Relative);

/// <summary>Measures every number format on the first rows it sees. Safe for many threads.</summary>
sealed class FeatureErrorMeter
{
    const int Rows = 1024;

    readonly Lock _gate = new();
    readonly Dictionary<FeatureDType, (double Max, double Squares)> _sums = [];
    double _squares;
    int _rows;

    /// <summary>Looks at <paramref name="rows"/> [n, width], unless it has seen enough.</summary>
    internal void Add(ReadOnlySpan<float> rows, int width)
    {
        if (Volatile.Read(ref _rows) >= Rows)
            return;
        lock (_gate)
        {
            var count = Math.Min(rows.Length / width, Rows - _rows);
            if (count <= 0)
                return;
            rows = rows[..(count * width)];
            _squares += TensorPrimitives.SumOfSquares(rows);
            foreach (var dtype in Enum.GetValues<FeatureDType>())
                Measure(dtype, rows, width, count);
            Volatile.Write(ref _rows, _rows + count);
        }
    }

    /// <summary>The errors by number format; empty when nothing was seen.</summary>
    internal IReadOnlyList<FeatureError> Result() =>
        [.. _sums.Where(s => double.IsFinite(s.Value.Squares)).Select(s => new FeatureError(s.Key, s.Value.Max, Math.Sqrt(s.Value.Squares / Math.Max(_squares, double.Epsilon))))];

    void Measure(FeatureDType dtype, ReadOnlySpan<float> rows, int width, int count)
    {
        var sum = _sums.GetValueOrDefault(dtype);
        if (dtype == FeatureDType.Fp16 && Math.Abs(TensorPrimitives.MaxMagnitude(rows)) > (float)Half.MaxValue)
        {
            sum = (double.NaN, double.NaN); // fp16 cannot hold these features at all
        }
        else if (dtype != FeatureDType.Fp32)
        {
            var (stored, scales, back) = (new byte[rows.Length * sizeof(float)], new float[count], new float[rows.Length]);
            FeatureCodec.Encode(dtype, rows, width, stored, scales);
            FeatureCodec.Decode(dtype, stored.AsSpan(0, rows.Length * FeatureCodec.Bytes(dtype)), width, scales, back);
            TensorPrimitives.Subtract(rows, back, back);
            sum = (Math.Max(sum.Max, Math.Abs(TensorPrimitives.MaxMagnitude(back))), sum.Squares + TensorPrimitives.SumOfSquares(back));
        }
        _sums[dtype] = sum;
    }
}
