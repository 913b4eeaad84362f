namespace OrtPeft;

/// <summary>
/// Options of heads that are computed from all training examples at once instead of being trained step by step. The result is a linear layer,
/// scores = x W^T + b, outputs x (width + 1) values.
/// </summary>
public abstract record ClosedFormOptions : MethodOptions
{
    /// <summary>How token features become one vector: mean, cls or max.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <summary>What such a head has no use for: epochs, steps, rates.</summary>
    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 1, BatchSize = 32, LearningRate = 1, WeightDecay = 0, Patience = 0 };

    /// <summary>Kinds of right answers that the head is for.</summary>
    private protected abstract IReadOnlyList<TargetKind> Targets { get; }

    /// <summary>The head's tensors, one way or several to choose from on the dev part.</summary>
    private protected abstract IEnumerable<Solution> Solve(LearningTask task, SolverInput input);

    private protected virtual void Validate()
    {
    }

    /// <summary>Whether the features are brought to length 1 first.</summary>
    private protected virtual bool UnitLength => false;

    internal sealed override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        RequireNot(task.TextsPerExample > 1 || !Targets.Contains(task.Target), task);
        if (PooledFeatures.IsTrained(Pooling))
            throw new OrtPeftException($"{Method} has nothing to train such a pooling with; expected pooling=mean, cls or max.");
        Validate();
        return new()
        {
            View = PooledFeatures.View(Pooling, task),
            Target = task.Target,
            Tensors = [.. OutputLayer.Tensors(task, backbone.Hidden, seed)],
            UnitLength = UnitLength,
            Forward = head => OutputLayer.Scores(head.Builder, task, UnitLength ? PooledFeatures.UnitLength(head.Builder, head.Features) : head.Features),
            Loss = task.Loss,
            Solve = input => Solve(task, input),
        };
    }

    /// <summary>The given strength, or those that are tried when it is 0.</summary>
    private protected static IEnumerable<double> Choices(double given, params double[] tried) => given > 0 ? [given] : tried;

    private protected static Solution Linear(string name, double[,] weight, double[] bias)
    {
        var (outputs, width) = (weight.GetLength(0), weight.GetLength(1));
        var (w, b) = (TrainedTensor.Constant(OutputLayer.Weight, 0, outputs, width), TrainedTensor.Constant(OutputLayer.Bias, 0, bias.Length));
        for (var i = 0; i < w.Values.Length; i++)
            w.Values[i] = (float)weight[i / width, i % width];
        for (var i = 0; i < bias.Length; i++)
            b.Values[i] = (float)bias[i];
        return new Solution(name, [w, b]);
    }
}
