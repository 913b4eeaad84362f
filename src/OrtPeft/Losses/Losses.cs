using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Writes a loss: scores and targets, equal in shape, and perhaps a weight for each item, to a scalar. All are tensor names.</summary>
delegate string LossBuilder(GraphBuilder g, string scores, string target, string? weights);

/// <summary>All losses by name.</summary>
static class Losses
{
    /// <summary>One row: the loss, and the targets that it is for.</summary>
    internal sealed record Row(Func<LossOptions, LossBuilder> Build, params TargetKind[] Targets);

    internal static readonly IReadOnlyDictionary<string, Row> Table = new Dictionary<string, Row>
    {
        [CrossEntropyLoss.Name] = new(o => (g, s, t, w) => CrossEntropyLoss.Build(g, s, t, w, (float)o.LabelSmoothing), TargetKind.Class, TargetKind.TokenClass),
        [FocalLoss.Name] = new(o => (g, s, t, w) => FocalLoss.Build(g, s, t, w, (float)o.FocalGamma), TargetKind.Class, TargetKind.TokenClass),
        [BinaryCrossEntropyLoss.Name] = new(_ => BinaryCrossEntropyLoss.Build, TargetKind.Level, TargetKind.Values),
        [BinaryFocalLoss.Name] = new(o => (g, s, t, w) => BinaryFocalLoss.Build(g, s, t, w, (float)o.FocalGamma), TargetKind.Level, TargetKind.Values),
        [MeanSquaredErrorLoss.Name] = new(_ => MeanSquaredErrorLoss.Build, TargetKind.Values),
    };

    /// <summary>The loss that <paramref name="task"/> is trained with.</summary>
    /// <exception cref="OrtPeftException">There is none of that name, or it is not for such a task.</exception>
    internal static Row Get(LearningTask task)
    {
        task.LossOptions.Validate();
        var name = task.LossOptions.Name ?? task.DefaultLoss;
        var fitting = Table.Where(l => l.Value.Targets.Contains(task.Target)).ToDictionary();
        return fitting.TryGetValue(name, out var row)
            ? row
            : throw new OrtPeftException($"--loss is '{name}'; for the task {task.Name} expected {string.Join(" or ", fitting.Keys)}.");
    }

    /// <summary>The mean of the items' losses, weighted if there are weights.</summary>
    internal static string Mean(GraphBuilder g, string items, string? weights)
    {
        const float Tiny = 1e-30f; // a part of a batch in which nothing counts loses nothing
        return weights is null
            ? g.ReduceMean(items, keepDims: false)
            : g.Div(g.ReduceSum(g.Mul(items, weights), keepDims: false), g.Max(g.ReduceSum(weights, keepDims: false), g.Constant(Tiny)));
    }
}
