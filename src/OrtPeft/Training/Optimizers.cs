using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Writes the update of one tensor: (value, gradient, moments) to (new value, new moments), as tensor names.</summary>
delegate (string Value, string[] Moments) OptimizerUpdate(string value, string gradient, string[] moments);

/// <summary>One optimizer as standard ONNX operators.</summary>
/// <param name="Moments">Suffixes of the moments that it keeps for each tensor.</param>
/// <param name="Begin">Writes what all tensors share.</param>
/// <param name="Kernel">The same on the processor in one pass over memory, where somebody wrote it.</param>
sealed record OptimizerRule(string[] Moments, Func<GraphBuilder, OptimizerStep, OptimizerUpdate> Begin,
    Func<TrainingBuffers, GradientSum, TrainingOptions, IOptimizer>? Kernel = null);

/// <summary>What an update reads besides the tensor itself.</summary>
/// <param name="LearningRate">Scalar tensor: the step's learning rate.</param>
/// <param name="Number">Scalar tensor: the step's number, from 1.</param>
/// <param name="GradientScale">Scalar tensor that every gradient is to be multiplied by (clipping); null for 1.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
sealed record OptimizerStep(string LearningRate, string Number, string? GradientScale, float WeightDecay)
{
    /// <summary>1 - lr wd, the factor that decays a value.</summary>
    internal string Keep(GraphBuilder g) => g.Sub(g.Constant(1f), g.Mul(LearningRate, WeightDecay));
}

/// <summary>All optimizers by name.</summary>
static class Optimizers
{
    static readonly Dictionary<string, OptimizerRule> Table = new()
    {
        ["adamw"] = new(["m", "v"], AdamW.Begin, (buffers, gradients, options) => new AdamWKernel(buffers, gradients, options)),
        ["sgd"] = new([], Sgd.Begin),
    };

    internal static OptimizerRule Get(string name) => Table[name];

    internal static void Require(string name)
    {
        if (!Table.ContainsKey(name))
            throw new OrtPeftException($"--optimizer is '{name}'; expected {string.Join(", ", Table.Keys)}.");
    }
}
