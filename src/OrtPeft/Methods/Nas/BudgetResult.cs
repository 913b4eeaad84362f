namespace OrtPeft;

/// <summary>What was reached with a budget.</summary>
/// <param name="Budget">The budget as it was given; null for the search, which trains everything.</param>
/// <param name="Kept">Trained values, without the head.</param>
/// <param name="Metrics">Metrics on the dev part.</param>
/// <param name="Folder">Where the adapter is, if not where the result is.</param>
sealed record BudgetResult(string? Budget, long Kept, IReadOnlyDictionary<string, double> Metrics, string? Folder)
{
    /// <summary>All budgets of a run, rising, and everything at the end; empty for other methods.</summary>
    internal static IReadOnlyList<BudgetResult> Of(TunedModel tuned)
    {
        if (tuned.Adapter.Method is not NasOptions method || tuned.Stages.Count == 0)
            return [];
        var budgets = method.AllBudgets;
        var smaller = tuned.Stages.Skip(method.Rounds).Zip(budgets, (stage, budget) => Of(budget, stage.Adapter, stage.Folder));
        return [.. smaller, Of(budgets[^1], tuned.Adapter, null), Of(null, tuned.Stages[0].Adapter, tuned.Stages[0].Folder)];
    }

    static BudgetResult Of(string? budget, Adapter adapter, string? folder) =>
        new(budget, adapter.Tensors.Where(NasOptions.IsSearched).Sum(t => t.Count), adapter.Info.Metrics, folder);
}
