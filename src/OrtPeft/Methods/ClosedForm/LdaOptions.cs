using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>
/// Linear discriminant analysis: each label's features are normal around its mean m_c with a covariance S that all share. Scores are
/// x S^-1 m_c - m_c S^-1 m_c / 2 + log(share of c); their softmax is the probability of the label. S is shrunk towards a multiple of the identity:
/// (1 - shrinkage) S + shrinkage trace(S) / width.
/// </summary>
public sealed record LdaOptions : ClosedFormOptions
{
    internal const string Name = "lda";

    /// <summary>Shrinkage of the covariance, up to 1; 0 tries 0.001 to 0.9 and takes what is best on the dev part.</summary>
    public double Shrinkage { get; init; }

    /// <inheritdoc/>
    public override string Method => Name;

    private protected override IReadOnlyList<TargetKind> Targets => [TargetKind.Class];

    private protected override void Validate() => RequireRange(nameof(Shrinkage), Shrinkage, 0, 1);

    private protected override IEnumerable<Solution> Solve(LearningTask task, SolverInput input)
    {
        var (targets, width) = (input.Targets, input.Width);
        double[] weights = [.. Enumerable.Range(0, input.Count).Select(i => (double)targets.Weight(i, targets.Class(i)))];
        var all = new WeightedMoments(input, weights);
        var masses = new double[task.Outputs];
        var means = new Vector<double>[task.Outputs];
        // Scatter within the labels: all scatter less that of the labels' means.
        var within = all.Scatter();
        for (var c = 0; c < task.Outputs; c++)
        {
            double[] isLabel = [.. targets.Classes.Select(k => k[0] == c ? 1.0 : 0)];
            masses[c] = isLabel.Zip(weights, (a, b) => a * b).Sum();
            var offset = all.With(isLabel) / Math.Max(masses[c], double.Epsilon);
            within -= masses[c] * offset.OuterProduct(offset);
            means[c] = offset + Vector<double>.Build.Dense(all.Mean);
        }
        within /= all.Mass;
        var scale = Math.Max(within.Trace() / width, 1e-12);
        foreach (var shrinkage in Choices(Shrinkage, 0.001, 0.01, 0.1, 0.3, 0.9))
        {
            var factor = ((1 - shrinkage) * within + Matrix<double>.Build.DenseDiagonal(width, shrinkage * scale)).Cholesky();
            var rows = means.Select(factor.Solve).ToArray();
            double[] bias = [.. rows.Select((row, c) => Math.Log(Math.Max(masses[c], 1e-12) / all.Mass) - row.DotProduct(means[c]) / 2)];
            yield return Linear(FormattableString.Invariant($"shrinkage {shrinkage:G6}"), Matrix<double>.Build.DenseOfRowVectors(rows).ToArray(), bias);
        }
    }
}
