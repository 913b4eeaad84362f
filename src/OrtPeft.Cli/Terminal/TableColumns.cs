using Spectre.Console;

namespace OrtPeft;

/// <summary>Tables of numbers.</summary>
static class TableColumns
{
    /// <summary>Adds columns that stand at the right.</summary>
    internal static Table AddNumbers(this Table table, params string[] names)
    {
        foreach (var name in names)
            table.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned());
        return table;
    }
}
