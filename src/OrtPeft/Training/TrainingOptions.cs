namespace OrtPeft;

/// <summary>How a head is trained. What is null takes the method's own default.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training data at most.</summary>
    public int? Epochs { get; init; }

    /// <summary>Examples a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Peak learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Learning rate over the run: linear (decay to zero), cosine or constant, each after the warm-up.</summary>
    public string Schedule { get; init; } = "linear";

    /// <summary>Share of all steps in which the learning rate rises from zero to its peak.</summary>
    public double Warmup { get; init; } = 0.06;

    /// <summary>Optimizer: adamw or sgd.</summary>
    public string Optimizer { get; init; } = "adamw";

    /// <summary>Decoupled weight decay on every trained tensor.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Largest norm of the whole gradient; larger ones are scaled down. 0 switches clipping off.</summary>
    public double Clip { get; init; } = 1.0;

    /// <summary>Epochs without a better dev metric after which training ends; 0 never ends early.</summary>
    public int? Patience { get; init; }

    /// <summary>Metric that chooses the best epoch on the dev part; empty takes the task's.</summary>
    public string SelectBy { get; init; } = "";

    /// <summary>Seed of initial values, order and dropout.</summary>
    public long Seed { get; init; }

    /// <summary>These options with every open value taken from <paramref name="defaults"/>, checked.</summary>
    internal TrainingOptions Resolve(TrainingOptions defaults)
    {
        var resolved = this with
        {
            Epochs = Epochs ?? defaults.Epochs,
            BatchSize = BatchSize ?? defaults.BatchSize,
            LearningRate = LearningRate ?? defaults.LearningRate,
            WeightDecay = WeightDecay ?? defaults.WeightDecay,
            Patience = Patience ?? defaults.Patience,
        };
        Require("--epochs", resolved.Epochs!.Value, 1, 100_000);
        Require("--batch-size", resolved.BatchSize!.Value, 1, 65_536);
        Require("--learning-rate", resolved.LearningRate!.Value, double.Epsilon, 100);
        Require("--warmup", Warmup, 0, 1);
        Require("--weight-decay", resolved.WeightDecay!.Value, 0, 10);
        Require("--clip", Clip, 0, 1e9);
        Require("--patience", resolved.Patience!.Value, 0, 100_000);
        Schedules.Require(Schedule);
        Optimizers.Require(Optimizer);
        return resolved;

        static void Require(string option, double value, double from, double to)
        {
            if (!(value >= from && value <= to))
                throw new OrtPeftException(FormattableString.Invariant($"{option} is {value}; expected {from:G4} to {to:G6}."));
        }
    }
}
