using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>
/// Factors A and B that are a part of the weight itself: scale B A = W_r, [out, in]. Computed from the weight alone, in float64, so that the same model
/// gives the same start.
/// </summary>
static class LoraStart
{
    /// <summary>More directions than asked for, and passes over the weight, of the randomised decomposition (Halko, Martinsson, Tropp; arXiv 0909.4061, algorithm 4.4).</summary>
    const int Oversampling = 10, Passes = 8;

    internal static Finding Of(Backbone backbone, LoraOptions options)
    {
        var scope = HookScope.Over(backbone, new Dropouts(training: false));
        var sites = Lora.Targets(scope, options.Layers, options.Targets).ToArray();
        var values = new TrainedTensor[sites.Length][];
        Parallel.For(0, sites.Length, i =>
        {
            var (name, layer, site) = sites[i];
            if (site.IsQuantized)
                throw new OrtPeftException($"lora: '{name}' of '{backbone.Name}' is quantized, so nothing can be taken from its weight. Use init=kaiming.");
            var rank = options.RankIn(layer);
            var weight = new WeightMatrix(site.Weight.Tensor.ToFloats(), site);
            if (rank > Math.Min(weight.Rows, weight.Columns))
                throw new OrtPeftException($"lora: rank is {rank}; '{name}' is [{weight.Rows}, {weight.Columns}], so {options.Init} has at most {Math.Min(weight.Rows, weight.Columns)}.");
            var matrix = Matrix<double>.Build.Dense(weight.Columns, weight.Rows, (row, column) => weight[column, row]);
            var (a, b) = options.Init == LoraInit.Pissa ? Pissa(matrix, rank) : Olora(matrix, rank);
            // peft gives the whole scale to both factors of PiSSA, and subtracts scale B A from the weight with OLoRA.
            var share = options.Init == LoraInit.Pissa ? 1 / Math.Sqrt(options.ScaleOf(rank)) : 1;
            values[i] = [Tensor(name + Lora.A, a * share), Tensor(name + Lora.B, b * share)];
        });
        return new Finding([.. values.SelectMany(v => v)], []);
    }

    /// <summary>The largest singular values and their directions: A = sqrt(S) V^T, B = U sqrt(S).</summary>
    internal static (Matrix<double> A, Matrix<double> B) Pissa(Matrix<double> weight, int rank)
    {
        var width = Math.Min(rank + Oversampling, Math.Min(weight.RowCount, weight.ColumnCount));
        var random = new CounterRandom(0, "pissa");
        var basis = Orthogonal(weight * Matrix<double>.Build.Dense(weight.ColumnCount, width, (_, _) => random.NextNormal()));
        for (var pass = 0; pass < Passes; pass++)
            basis = Orthogonal(weight * Orthogonal(weight.TransposeThisAndMultiply(basis)));
        var svd = basis.TransposeThisAndMultiply(weight).Svd();
        var roots = Matrix<double>.Build.DenseOfDiagonalVector(svd.S.SubVector(0, rank).PointwiseSqrt());
        return (roots * svd.VT.SubMatrix(0, rank, 0, weight.ColumnCount), basis * svd.U.SubMatrix(0, width, 0, rank) * roots);
    }

    /// <summary>B = the first columns of Q, A = the first rows of R. Both depend on the first columns of the weight and on them all.</summary>
    internal static (Matrix<double> A, Matrix<double> B) Olora(Matrix<double> weight, int rank)
    {
        var q = Orthogonal(weight.SubMatrix(0, weight.RowCount, 0, rank));
        return (q.TransposeThisAndMultiply(weight), q);
    }

    static Matrix<double> Orthogonal(Matrix<double> columns) => columns.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin).Q;

    static TrainedTensor Tensor(string name, Matrix<double> matrix) =>
        new(name, [matrix.RowCount, matrix.ColumnCount], [.. matrix.EnumerateRows().SelectMany(row => row).Select(v => (float)v)]);
}
