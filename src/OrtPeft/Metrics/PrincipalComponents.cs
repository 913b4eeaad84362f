using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>Projection to the two directions of largest variance.</summary>
static class PrincipalComponents
{
    /// <summary>Coordinates of each row, relative to the mean. Each direction's largest entry is positive, so that the picture does not flip.</summary>
    /// <param name="rows">At least one vector; all of the same length, which is at least 2.</param>
    internal static (double X, double Y)[] Project(IReadOnlyList<float[]> rows)
    {
        var data = Matrix<double>.Build.Dense(rows.Count, rows[0].Length, (i, j) => rows[i][j]);
        var mean = data.ColumnSums() / rows.Count;
        var centred = Matrix<double>.Build.Dense(data.RowCount, data.ColumnCount, (i, j) => data[i, j] - mean[j]);
        var vectors = centred.TransposeThisAndMultiply(centred).Evd(Symmetricity.Symmetric).EigenVectors;
        var first = Coordinates(vectors.Column(vectors.ColumnCount - 1));
        var second = Coordinates(vectors.Column(vectors.ColumnCount - 2));
        return [.. first.Zip(second)];

        Vector<double> Coordinates(Vector<double> direction) => centred * direction * Math.Sign(direction[direction.AbsoluteMaximumIndex()]);
    }
}
