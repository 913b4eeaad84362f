using System.CommandLine;

namespace OrtPeft;

/// <summary>Options that say what is learned and by which loss: those of train and compare.</summary>
static class TaskOptionSet
{
    static readonly Option<string> Task = new("--task") { Description = $"What is learned: auto (found from the labels) or {string.Join(", ", LearningTasks.Table.Keys)}.", HelpName = "NAME", DefaultValueFactory = _ => LearningTasks.Auto };
    static readonly Option<string?> Levels = new("--levels") { Description = "Ordinal: the levels from lowest to highest, joined by commas; default: by number, or by name.", HelpName = "A,B,C" };
    static readonly Option<string> ClassWeights = CommonOptions.Choice("--class-weights", "Weight of the labels; balanced lets each count as much as every other", Weights.None, Weights.Balanced);
    static readonly Option<string?> Loss = new("--loss") { Description = $"Loss: {string.Join(", ", Losses.Table.Keys)}; default: what suits task and method.", HelpName = "NAME" };
    static readonly Option<double> LabelSmoothing = CommonOptions.Number("--label-smoothing", "Cross-entropy: share of the probability that all labels get alike.", 0);
    static readonly Option<double> FocalGamma = CommonOptions.Number("--focal-gamma", "Focal loss: how much less well-recognised examples count.", 2);

    internal static IEnumerable<Option> All => [Task, Levels, ClassWeights, Loss, LabelSmoothing, FocalGamma];

    internal static TaskOptions Read(ParseResult parsed) => new()
    {
        Task = parsed.GetValue(Task)!,
        Levels = parsed.GetValue(Levels)?.Split(',', StringSplitOptions.TrimEntries),
        ClassWeights = parsed.GetValue(ClassWeights)!,
        Loss = new LossOptions { Name = parsed.GetValue(Loss), LabelSmoothing = parsed.GetValue(LabelSmoothing), FocalGamma = parsed.GetValue(FocalGamma) },
    };

    /// <summary>Every option with its value, for run.json.</summary>
    internal static IEnumerable<(string, object?)> Values(ParseResult parsed) =>
    [
        (Task.Name, parsed.GetValue(Task)), (Levels.Name, parsed.GetValue(Levels)), (ClassWeights.Name, parsed.GetValue(ClassWeights)), (Loss.Name, parsed.GetValue(Loss)),
        (LabelSmoothing.Name, parsed.GetValue(LabelSmoothing)), (FocalGamma.Name, parsed.GetValue(FocalGamma)),
    ];
}
