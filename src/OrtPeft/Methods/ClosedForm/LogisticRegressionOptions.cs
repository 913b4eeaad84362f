using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace OrtPeft;

/// <summary>
/// Logistic regression on pooled features, to its optimum by L-BFGS: W and b that minimise |W|^2 / 2 + C sum_i w_i loss_i, loss the cross-entropy of
/// the softmax, or for several labels a text of each label's sigmoid.
/// </summary>
public sealed record LogisticRegressionOptions : ClosedFormOptions
{
    internal const string Name = "logistic-regression";
    const int Memory = 10, MaxIterations = 2000;

    /// <summary>Weight C of the data against the penalty; 0 tries 0.1 to 100 and takes what is best on the dev part.</summary>
    public double C { get; init; }

    /// <inheritdoc/>
    public override string Method => Name;

    private protected override IReadOnlyList<TargetKind> Targets => [TargetKind.Class, TargetKind.Values];

    private protected override void Validate() => RequireRange(nameof(C), C, 0, 1e9);

    private protected override IEnumerable<Solution> Solve(LearningTask task, SolverInput input)
    {
        RequireNot(task is not (ClassificationTask or MultiLabelTask), task);
        var objective = new LogisticObjective(task, input);
        var start = Vector<double>.Build.Dense(objective.Parameters);
        foreach (var c in Choices(C, 0.1, 1, 10, 100))
        {
            // The optimum of a weaker C is a good start for the next.
            start = Minimize(objective, c, start);
            var (weight, bias) = objective.Split(start);
            yield return Linear(FormattableString.Invariant($"C {c:G6}"), weight, bias);
        }
    }

    static Vector<double> Minimize(LogisticObjective objective, double c, Vector<double> start)
    {
        // Divided by the number of examples, so that the tolerances mean the same for any number.
        var (best, bestValue) = (start, double.PositiveInfinity);
        var function = ObjectiveFunction.Gradient(Evaluate);
        try
        {
            return new LimitedMemoryBfgsMinimizer(gradientTolerance: 1e-5, parameterTolerance: 1e-9, functionProgressTolerance: 1e-10, Memory, MaxIterations)
                .FindMinimum(function, start).MinimizingPoint;
        }
        catch (OptimizationException)
        {
            // The line search ends where rounding hides all progress: the best point is as good as double precision allows.
            return best;
        }

        (double, Vector<double>) Evaluate(Vector<double> point)
        {
            var (value, gradient) = objective.Evaluate(point, c);
            if (value < bestValue)
                (best, bestValue) = (point.Clone(), value);
            return (value, gradient);
        }
    }
}
