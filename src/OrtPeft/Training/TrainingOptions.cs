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

    /// <summary>Learning rate over the run: linear, cosine or polynomial (to zero), constant, plateau (halved when the dev metric stands still), each after the warm-up; one-cycle, which rises and falls along cosines.</summary>
    public string Schedule { get; init; } = "linear";

    /// <summary>Share of all steps in which the learning rate rises to its peak; null for the schedule's: 0.3 of a one-cycle, 0.06 of others.</summary>
    public double? Warmup { get; init; }

    /// <summary>Optimizer: adamw, adam, sgd, momentum, nesterov, adafactor, lamb or lion.</summary>
    public string Optimizer { get; init; } = "adamw";

    /// <summary>Engine: graph, or ort-training where the process has the package Microsoft.ML.OnnxRuntime.Training.</summary>
    public string Engine { get; init; } = TrainingEngines.Graph;

    /// <summary>Decoupled weight decay on every trained tensor.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Largest norm of the whole gradient; larger ones are scaled down. 0 switches clipping off.</summary>
    public double Clip { get; init; } = 1.0;

    /// <summary>Largest entry of a gradient; larger ones are cut off, before --clip. 0 switches it off.</summary>
    public double ClipValue { get; init; }

    /// <summary>Examples computed at once at most; a larger batch is added up from such parts. 0 chooses by length.</summary>
    public int MicroBatch { get; init; }

    /// <summary>Megabytes that a step's tensors may take, weights included; a batch is added up from as small parts as that needs. 0 sets no limit.</summary>
    public int Memory { get; init; }

    /// <summary>Decay of a moving average of the trained values, which is then what is evaluated and kept; 0 keeps none.</summary>
    public double Ema { get; init; }

    /// <summary>Best epochs whose values are averaged at the end, if the average is as good on the dev part; 1 averages nothing.</summary>
    public int AverageBest { get; init; } = 1;

    /// <summary>Keep the last epoch, not the best on the dev part: for data too few to hold some back.</summary>
    public bool KeepLast { get; init; }

    /// <summary>Random changes of the training images, others in each epoch: flip, shift=PIXELS, crop=SIDE with commas between. For training without a cache.</summary>
    public string Augment { get; init; } = "";

    /// <summary>Epochs without a better dev metric after which training ends; 0 never ends early.</summary>
    public int? Patience { get; init; }

    /// <summary>Metric that chooses the best epoch on the dev part; empty takes the task's.</summary>
    public string SelectBy { get; init; } = "";

    /// <summary>Seed of initial values, order and dropout.</summary>
    public long Seed { get; init; }

    /// <summary>These options with every open value taken from <paramref name="defaults"/>, checked.</summary>
    internal TrainingOptions Resolve(TrainingOptions defaults)
    {
        Schedules.Require(Schedule);
        var resolved = this with
        {
            Epochs = Epochs ?? defaults.Epochs,
            BatchSize = BatchSize ?? defaults.BatchSize,
            LearningRate = LearningRate ?? defaults.LearningRate,
            Warmup = Schedules.Warmup(this),
            WeightDecay = WeightDecay ?? defaults.WeightDecay,
            Patience = Patience ?? defaults.Patience,
        };
        Require("--epochs", resolved.Epochs!.Value, 1, 100_000);
        Require("--batch-size", resolved.BatchSize!.Value, 1, 65_536);
        Require("--learning-rate", resolved.LearningRate!.Value, double.Epsilon, 100);
        Require("--warmup", resolved.Warmup.Value, 0, 1);
        Require("--weight-decay", resolved.WeightDecay!.Value, 0, 10);
        Require("--clip", Clip, 0, 1e9);
        Require("--clip-value", ClipValue, 0, 1e9);
        Require("--micro-batch", MicroBatch, 0, 65_536);
        Require("--memory", Memory, 0, 1 << 24);
        Require("--ema", Ema, 0, 0.999999);
        Require("--average-best", AverageBest, 1, 20);
        Require("--patience", resolved.Patience!.Value, 0, 100_000);
        ImageAugmentation.Parse(Augment);
        Optimizers.Require(Optimizer);
        TrainingEngines.Require(Engine);
        return resolved;

        static void Require(string option, double value, double from, double to)
        {
            if (!(value >= from && value <= to))
                throw new OrtPeftException(FormattableString.Invariant($"{option} is {value}; expected {from:G4} to {to:G6}."));
        }
    }
}
