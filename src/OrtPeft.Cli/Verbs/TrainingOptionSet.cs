using System.CommandLine;

namespace OrtPeft;

/// <summary>Options of every verb that trains: how it is trained.</summary>
static class TrainingOptionSet
{
    static readonly TrainingOptions Defaults = new();
    static readonly Option<int?> Epochs = new("--epochs") { Description = "Passes over the training data at most; default: the method's.", HelpName = "N" };
    static readonly Option<int?> BatchSize = new("--batch-size") { Description = "Examples a step; default: the method's.", HelpName = "N" };
    static readonly Option<double?> LearningRate = CommonOptions.Number("--learning-rate", "Peak learning rate; default: the method's.");
    static readonly Option<string> Schedule = new("--schedule") { Description = "Learning rate over the run: linear, cosine or polynomial (to zero), constant, plateau (halved when the dev metric stands still), each after the warm-up; one-cycle, which rises and falls along cosines.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Schedule };
    static readonly Option<double?> Warmup = CommonOptions.Number("--warmup", "Share of all steps in which the learning rate rises to its peak; default: 0.06, of one-cycle 0.3.");
    static readonly Option<string> Optimizer = new("--optimizer") { Description = $"Optimizer: {string.Join(", ", Optimizers.Table.Keys)}.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.Optimizer };
    static readonly Option<double?> WeightDecay = CommonOptions.Number("--weight-decay", "Decoupled weight decay; default: the method's.");
    static readonly Option<double> Clip = CommonOptions.Number("--clip", "Largest norm of the whole gradient; 0 switches clipping off.", Defaults.Clip);
    static readonly Option<double> ClipValue = CommonOptions.Number("--clip-value", "Largest entry of a gradient, before --clip; 0 switches it off.", Defaults.ClipValue);
    static readonly Option<int> MicroBatch = new("--micro-batch") { Description = "Examples computed at once at most; larger batches are added up from such parts; 0 chooses by length.", HelpName = "N" };
    static readonly Option<int> Memory = new("--memory") { Description = "Megabytes that a step's tensors may take, weights included, beside the program's own; a batch is added up from as small parts as that needs; 0 sets no limit.", HelpName = "MB" };
    static readonly Option<double> Ema = CommonOptions.Number("--ema", "Decay of a moving average of the trained values, which is then what is kept; 0 keeps none.", Defaults.Ema);
    static readonly Option<int> AverageBest = new("--average-best") { Description = "Best epochs to average at the end, if that is as good on the dev part.", HelpName = "N", DefaultValueFactory = _ => Defaults.AverageBest };
    static readonly Option<bool> KeepLast = new("--keep-last") { Description = "Keep the last epoch, not the best on the dev part: for data too few to hold some back." };
    static readonly Option<string> Augment = new("--augment") { Description = "Change the training images at random, anew in each epoch: flip, shift=PIXELS, crop=SIDE with commas between. For training without a cache.", HelpName = "CHANGES", DefaultValueFactory = _ => Defaults.Augment };
    static readonly Option<int?> Patience = new("--patience") { Description = "Epochs without a better dev metric after which training ends; 0 never; default: the method's.", HelpName = "N" };
    static readonly Option<string> SelectBy = new("--select-by") { Description = "Metric that chooses the best epoch on the dev part; default: the task's, such as macroF1.", HelpName = "NAME", DefaultValueFactory = _ => Defaults.SelectBy };
    static readonly Option<string> Engine = CommonOptions.Choice("--engine", "What runs the steps: standard ONNX Runtime, or its training runtime where the process has it", TrainingEngines.Graph, TrainingEngines.OrtTraining);

    /// <summary>All of them, in the order of the help.</summary>
    internal static IEnumerable<Option> All => [Epochs, BatchSize, LearningRate, Schedule, Warmup, Optimizer, WeightDecay, Clip, ClipValue, MicroBatch, Memory, Ema, AverageBest, KeepLast, Augment, Patience, SelectBy, Engine];

    internal static TrainingOptions Read(ParseResult parsed) => new()
    {
        Epochs = parsed.GetValue(Epochs),
        BatchSize = parsed.GetValue(BatchSize),
        LearningRate = parsed.GetValue(LearningRate),
        Schedule = parsed.GetValue(Schedule)!,
        Warmup = parsed.GetValue(Warmup),
        Optimizer = parsed.GetValue(Optimizer)!,
        WeightDecay = parsed.GetValue(WeightDecay),
        Clip = parsed.GetValue(Clip),
        ClipValue = parsed.GetValue(ClipValue),
        MicroBatch = parsed.GetValue(MicroBatch),
        Memory = parsed.GetValue(Memory),
        Ema = parsed.GetValue(Ema),
        AverageBest = parsed.GetValue(AverageBest),
        KeepLast = parsed.GetValue(KeepLast),
        Augment = parsed.GetValue(Augment)!,
        Patience = parsed.GetValue(Patience),
        SelectBy = parsed.GetValue(SelectBy)!,
        Engine = parsed.GetValue(Engine)!,
        Seed = parsed.GetValue(CommonOptions.Seed),
    };

    /// <summary>Every option with its value in a run, for run.json.</summary>
    internal static IEnumerable<(string, object?)> Values(TrainingOptions training)
    {
        yield return (Epochs.Name, training.Epochs);
        yield return (BatchSize.Name, training.BatchSize);
        yield return (LearningRate.Name, training.LearningRate);
        yield return (Schedule.Name, training.Schedule);
        yield return (Warmup.Name, training.Warmup);
        yield return (Optimizer.Name, training.Optimizer);
        yield return (WeightDecay.Name, training.WeightDecay);
        yield return (Clip.Name, training.Clip);
        yield return (ClipValue.Name, training.ClipValue);
        yield return (MicroBatch.Name, training.MicroBatch);
        yield return (Memory.Name, training.Memory);
        yield return (Ema.Name, training.Ema);
        yield return (AverageBest.Name, training.AverageBest);
        yield return (KeepLast.Name, training.KeepLast);
        yield return (Augment.Name, training.Augment.Length > 0 ? training.Augment : null);
        yield return (Patience.Name, training.Patience);
        yield return (SelectBy.Name, training.SelectBy);
        yield return (Engine.Name, training.Engine);
    }
}
