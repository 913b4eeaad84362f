namespace OrtPeft;

/// <summary>A table with a head; names that start with a # head columns of numbers, which stand at the right.</summary>
static class HtmlTable
{
    internal static Html Draw(string[] columns, IEnumerable<Html> rows, string style = "") => $"""
        <table class="{style}">
        <thead><tr>{columns.Select(Head)}</tr></thead>
        <tbody>{rows}</tbody>
        </table>
        """;

    internal static Html Row(Html name, params Html[] cells) => $"""<tr><th scope="row">{name}</th>{cells}</tr>""";

    internal static Html Cell(Html content) => $"<td>{content}</td>";

    internal static Html Number(string number) => $"""<td class="number">{number}</td>""";

    static Html Head(string name) => name.StartsWith('#')
        ? $"""<th scope="col" class="number">{name[1..]}</th>"""
        : (Html)$"""<th scope="col">{name}</th>""";
}
