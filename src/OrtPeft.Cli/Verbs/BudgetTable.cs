using Spectre.Console;

namespace OrtPeft;

/// <summary>The budgets of one search below each other.</summary>
static class BudgetTable
{
    /// <summary>Nothing for a single budget.</summary>
    internal static void Show(IAnsiConsole console, TunedModel tuned, string folder)
    {
        var results = BudgetResult.Of(tuned);
        if (results.Count < 3)
            return;
        string[] names = [.. results[^1].Metrics.Keys.Take(3)];
        var table = new Table().Border(TableBorder.Simple).AddColumn("budget").AddNumbers(["trained values, without the head", .. names.Select(n => $"dev {Metrics.Speak(n)}")]).AddColumn("adapter");
        foreach (var result in results)
        {
            table.AddRow([result.Budget ?? "everything (the search)", Measures.Count(result.Kept), .. names.Select(n => MetricsView.Value(n, result.Metrics[n])),
                Markup.Escape(result.Folder ?? folder)]);
        }
        console.Write(table);
    }
}
