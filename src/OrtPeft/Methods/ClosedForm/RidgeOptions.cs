using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>
/// Ridge regression: W and b that minimise sum_i w_i |x_i W^T + b - y_i|^2 + lambda |W|^2, solved exactly. For labels y is 1 for the right one and
/// 0 for the others, for ordered levels their number.
/// </summary>
public sealed record RidgeOptions : ClosedFormOptions
{
    internal const string Name = "ridge";

    /// <summary>Strength lambda of the penalty; 0 tries 0.01 to 1000 and takes what is best on the dev part.</summary>
    public double Regularization { get; init; }

    /// <inheritdoc/>
    public override string Method => Name;

    private protected override IReadOnlyList<TargetKind> Targets => [TargetKind.Class, TargetKind.Level, TargetKind.Values];

    private protected override void Validate() => RequireRange(nameof(Regularization), Regularization, 0, 1e12);

    private protected override IEnumerable<Solution> Solve(LearningTask task, SolverInput input)
    {
        var moments = new WeightedMoments(input, [.. Enumerable.Range(0, input.Count).Select(i => Weight(input.Targets, i))]);
        var columns = Columns(task, input.Targets);
        var mean = columns.Select(y => y.Select((value, i) => value * Weight(input.Targets, i)).Sum() / moments.Mass).ToArray();
        var products = columns.Select(moments.With).ToArray();
        var scatter = moments.Scatter();
        foreach (var lambda in Choices(Regularization, 0.01, 0.1, 1, 10, 100, 1000))
        {
            var factor = (scatter + Matrix<double>.Build.DenseDiagonal(moments.Width, lambda)).Cholesky();
            var weight = Matrix<double>.Build.DenseOfRowVectors(products.Select(factor.Solve));
            var bias = mean.Select((m, k) => m - weight.Row(k).DotProduct(Vector<double>.Build.Dense(moments.Mean))).ToArray();
            var name = FormattableString.Invariant($"regularization {lambda:G6}");
            yield return task.Target switch
            {
                // Level > k exactly where the number lies above k + 1/2.
                TargetKind.Level => Linear(name, weight.ToArray(), [.. Enumerable.Range(0, task.Outputs).Select(k => bias[0] - k - 0.5)]),
                TargetKind.Class => Temperature.Fit(Linear(name, weight.ToArray(), bias), input),
                _ when task is MultiLabelTask => Linear(name, (4 * weight).ToArray(), [.. bias.Select(b => 4 * b - 2)]), // 1/2 is sigmoid's middle, with the slope of the line there
                _ => Linear(name, weight.ToArray(), bias),
            };
        }
    }

    static double Weight(Targets targets, int example) => targets.Kind == TargetKind.Values ? targets.Weight(example, null) : targets.Weight(example, targets.Class(example));

    /// <summary>The numbers to be met, output by output.</summary>
    static double[][] Columns(LearningTask task, Targets targets) => task.Target switch
    {
        TargetKind.Level => [[.. targets.Classes.Select(c => (double)c[0])]],
        TargetKind.Class => [.. Enumerable.Range(0, task.Outputs).Select(k => targets.Classes.Select(c => c[0] == k ? 1.0 : 0).ToArray())],
        _ => [.. Enumerable.Range(0, task.Outputs).Select(k => targets.Values.Select(v => (double)v[k]).ToArray())],
    };
}
