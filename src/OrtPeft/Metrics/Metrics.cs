namespace OrtPeft;

/// <summary>Metrics by the names that options, logs and JSON use.</summary>
public static class Metrics
{
    /// <summary>The metrics of one of several labels, in the order in which they are shown. For all of them 1 is best and 0 is worst.</summary>
    public static IReadOnlyDictionary<string, Func<ConfusionMatrix, double>> All { get; } =
        new OrderedDictionary<string, Func<ConfusionMatrix, double>>(StringComparer.Ordinal)
        {
            ["accuracy"] = Accuracy.Of,
            ["macroF1"] = MacroF1.Of,
        };

    /// <summary>Metrics of each task that may choose the best epoch: those for which more is better.</summary>
    static readonly Dictionary<string, string[]> Choosing = new()
    {
        [ClassificationTask.TaskName] = [.. All.Keys],
        [MultiLabelTask.TaskName] = ["microF1", "macroF1", "exactMatch"],
        [RegressionTask.TaskName] = ["pearson", "spearman", "r2"],
        [OrdinalTask.TaskName] = [.. All.Keys, "kappa"],
        [TaggingTask.TaskName] = ["f1", "precision", "recall", "macroF1", "wordAccuracy"],
        [SimilarityTask.TaskName] = ["pearson", "spearman", "r2"],
    };

    /// <summary>Names as a person reads them, where they differ.</summary>
    static readonly Dictionary<string, string> Spoken = new()
    {
        ["macroF1"] = "macro-F1",
        ["microF1"] = "micro-F1",
        ["f1"] = "F1",
        ["exactMatch"] = "exact match",
        ["wordAccuracy"] = "word accuracy",
        ["r2"] = "R²",
        ["mae"] = "mean absolute error",
        ["rmse"] = "root mean squared error",
    };

    /// <summary>The name of a metric in running text.</summary>
    internal static string Speak(string name) => Spoken.GetValueOrDefault(name, name);

    /// <summary>Whether a metric is a share, which is shown in percent.</summary>
    internal static bool IsShare(string name) => name is not ("pearson" or "spearman" or "r2" or "kappa" or "mae" or "rmse");

    /// <summary>Whether a metric is a distance: less is better.</summary>
    internal static bool IsError(string name) => name is "mae" or "rmse";

    /// <summary>Every metric of any task.</summary>
    internal static IReadOnlySet<string> Names { get; } = new HashSet<string>([.. Choosing.Values.SelectMany(n => n), "mae", "rmse"]);

    /// <summary>The metric of one of several labels with a name.</summary>
    /// <exception cref="OrtPeftException">There is none.</exception>
    public static Func<ConfusionMatrix, double> Named(string name) =>
        All.TryGetValue(name, out var metric)
            ? metric
            : throw new OrtPeftException($"There is no metric '{name}'; expected {string.Join(" or ", All.Keys)}.");

    /// <summary>Throws when evaluations of a task have no metric of that name.</summary>
    internal static void Require(string name, LearningTask task)
    {
        string[] known = [.. Choosing[task.Name], .. task.Labels.Count == 0 ? ["mae", "rmse"] : task is OrdinalTask ? ["mae"] : Array.Empty<string>()];
        if (!known.Contains(name))
            throw new OrtPeftException($"There is no metric '{name}' for the task {task.Name}; expected {string.Join(" or ", known)}.");
    }

    /// <summary>The metric that chooses the best epoch: the one asked for, or the task's own when none is.</summary>
    internal static string Choose(string asked, LearningTask task) => asked.Length == 0 ? task.SelectBy
        : Choosing[task.Name].Contains(asked) ? asked
        : throw new OrtPeftException($"--select-by is '{asked}'; expected {string.Join(" or ", Choosing[task.Name])}.");
}
