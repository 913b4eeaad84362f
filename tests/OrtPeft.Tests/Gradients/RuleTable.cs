using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>
/// The table in src/OrtPeft/Gradients/README.md: every operator with its rule and what was measured. Written by a test run with
/// ORTPEFT_WRITE_TABLES=1; every other run checks that it names all rules.
/// </summary>
[TestFixture]
public class RuleTable
{
    const string Heading = "| operator | opsets of the cases | rule | cases | largest error |";

    internal static readonly ConcurrentDictionary<string, double> Measured = [];

    static string ReadMe => Path.Combine(FixtureFiles.Folder, "..", "..", "..", "src", "OrtPeft", "Gradients", "README.md");

    [Test]
    public void The_table_in_the_readme_names_every_rule()
    {
        var written = Rows(File.ReadAllText(ReadMe)).Select(r => string.Join('|', r.Split('|').Take(5)));
        Assert.That(written, Is.EqualTo(Rows(Table()).Select(r => string.Join('|', r.Split('|').Take(5)))));
    }

    internal static void WriteIfAsked()
    {
        if (Environment.GetEnvironmentVariable("ORTPEFT_WRITE_TABLES") is null)
            return;
        var text = File.ReadAllText(ReadMe);
        File.WriteAllText(ReadMe, text[..text.IndexOf(Heading, StringComparison.Ordinal)] + Table());
    }

    static IEnumerable<string> Rows(string text) => text[text.IndexOf(Heading, StringComparison.Ordinal)..].Split('\n').Where(l => l.StartsWith('|'));

    static string Table()
    {
        var table = new StringBuilder();
        table.AppendLine(Heading).AppendLine("| --- | --- | --- | --- | --- |");
        var rules = GradientRules.Table.ToDictionary(r => r.Key, r => r.Value.Method)
            .Concat(Unfusing.Table.ToDictionary(r => r.Key, r => r.Value.Method));
        foreach (var (op, rule) in rules.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var cases = OperatorCase.All.Where(c => c.Nodes.Contains(op) && c.Tensors.Keys.Any(k => k.StartsWith("dy/", StringComparison.Ordinal))).ToList();
            var opsets = string.Join(' ', cases.Select(c => c.Opset).Distinct().Order());
            var error = cases.Select(c => Measured.GetValueOrDefault(c.Name)).DefaultIfEmpty().Max();
            var measured = cases.Count == 0 ? "" : error.ToString("0e-0", CultureInfo.InvariantCulture);
            table.AppendLine(CultureInfo.InvariantCulture, $"| {op} | {opsets} | {rule.DeclaringType!.Name}.{rule.Name} | {cases.Count} | {measured} |");
        }
        return table.ToString();
    }
}
