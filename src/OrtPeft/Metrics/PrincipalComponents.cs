using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>Projection to the two directions of largest variance, by orthogonal iteration: a picture needs two of some hundred directions.</summary>
static class PrincipalComponents
{
    const int Iterations = 100;

    /// <summary>Coordinates of each row, relative to the mean. Each direction's largest entry is positive, so that the picture does not flip.</summary>
    /// <param name="rows">At least one vector; all of the same length, which is at least 2.</param>
    internal static (double X, double Y)[] Project(IReadOnlyList<float[]> rows)
    {
        var data = Matrix<double>.Build.Dense(rows.Count, rows[0].Length, (i, j) => rows[i][j]);
        var mean = data.ColumnSums() / rows.Count;
        var centred = Matrix<double>.Build.Dense(data.RowCount, data.ColumnCount, (i, j) => data[i, j] - mean[j]);
        var directions = Directions(centred.TransposeThisAndMultiply(centred));
        return [.. Coordinates(directions.Column(0)).Zip(Coordinates(directions.Column(1)))];

        Vector<double> Coordinates(Vector<double> direction) => centred * direction * Math.Sign(direction[direction.AbsoluteMaximumIndex()]);
    }

    static Matrix<double> Directions(Matrix<double> covariance)
    {
        var random = new CounterRandom(0, "principal components");
        var directions = Matrix<double>.Build.Dense(covariance.RowCount, 2, (_, _) => random.NextNormal());
        // Changes no direction, and lets features that hardly differ have two.
        covariance += Matrix<double>.Build.DenseIdentity(covariance.RowCount) * (1e-9 * covariance.Trace() + 1e-6);
        for (var i = 0; i < Iterations; i++)
            directions = (covariance * directions).GramSchmidt().Q;
        return directions;
    }
}
