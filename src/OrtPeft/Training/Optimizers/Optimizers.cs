using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Writes the update of one tensor: (value, gradient, moments) to (new value, new moments), as tensor names.</summary>
delegate (string Value, string[] Moments) OptimizerUpdate(string value, string gradient, string[] moments);

/// <summary>What an optimizer remembers of a tensor from step to step: a name, and the shape it has for a tensor's shape.</summary>
sealed record Moment(string Name, Func<IReadOnlyList<long>, IReadOnlyList<long>> Shape)
{
    /// <summary>One number for each of the tensor.</summary>
    internal static Moment Full(string name) => new(name, shape => shape);
}

/// <summary>One optimizer as standard ONNX operators.</summary>
/// <param name="Moments">What it remembers of each tensor.</param>
/// <param name="Begin">Writes what all tensors share.</param>
/// <param name="Kernel">The same on the processor in one pass over memory, where somebody wrote it.</param>
sealed record OptimizerRule(Moment[] Moments, Func<GraphBuilder, OptimizerStep, OptimizerUpdate> Begin,
    Func<TrainingBuffers, GradientSum, TrainingOptions, IOptimizer>? Kernel = null);

/// <summary>What an update reads besides the tensor itself.</summary>
/// <param name="LearningRate">Scalar tensor: the step's learning rate.</param>
/// <param name="Number">Scalar tensor: the step's number, from 1.</param>
/// <param name="GradientScale">Scalar tensor that every gradient is to be multiplied by (clipping); null for 1.</param>
/// <param name="WeightDecay">Weight decay, decoupled unless the optimizer says otherwise.</param>
sealed record OptimizerStep(string LearningRate, string Number, string? GradientScale, float WeightDecay)
{
    /// <summary>The gradient after clipping.</summary>
    internal string Clipped(GraphBuilder g, string gradient) => GradientScale is { } scale ? g.Mul(gradient, scale) : gradient;

    /// <summary>p (1 - lr wd).</summary>
    internal string Decayed(GraphBuilder g, string value) =>
        WeightDecay == 0 ? value : g.Mul(value, g.Sub(g.Constant(1f), g.Mul(LearningRate, WeightDecay)));

    /// <summary>1 - beta^t as a float64 scalar: in single precision 1 - 0.999 is wrong in the fifth digit.</summary>
    internal string OneMinusPower(GraphBuilder g, double beta)
    {
        var t = g.Cast(Number, OnnxType.Double);
        return g.Sub(g.Scalar(1, t), g.Pow(g.Scalar(beta, t), t));
    }
}

/// <summary>All optimizers by name.</summary>
static class Optimizers
{
    internal static readonly IReadOnlyDictionary<string, OptimizerRule> Table = new Dictionary<string, OptimizerRule>
    {
        ["adamw"] = new([Moment.Full("m"), Moment.Full("v")], (g, step) => AdamW.Begin(g, step, decoupled: true), (b, sum, options) => new AdamWKernel(b, sum, options)),
        ["adam"] = new([Moment.Full("m"), Moment.Full("v")], (g, step) => AdamW.Begin(g, step, decoupled: false)),
        ["sgd"] = new([], Sgd.Plain),
        ["momentum"] = new([Moment.Full("m")], (g, step) => Sgd.WithMomentum(g, step, nesterov: false)),
        ["nesterov"] = new([Moment.Full("m")], (g, step) => Sgd.WithMomentum(g, step, nesterov: true)),
        ["adafactor"] = new([Adafactor.Rows, Adafactor.Columns], Adafactor.Begin),
        ["lamb"] = new([Moment.Full("m"), Moment.Full("v")], Lamb.Begin),
        ["lion"] = new([Moment.Full("m")], Lion.Begin),
    };

    internal static OptimizerRule Get(string name) => Table[name];

    internal static void Require(string name)
    {
        if (!Table.ContainsKey(name))
            throw new OrtPeftException($"--optimizer is '{name}'; expected {string.Join(", ", Table.Keys)}.");
    }
}
