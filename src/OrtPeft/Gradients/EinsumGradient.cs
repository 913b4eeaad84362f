using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// Y = Einsum(X1, X2, ...). dXi = Einsum(dY, all others) with the letters of Xi as output; letters only Xi has are repeated.
/// </summary>
static class EinsumGradient
{
    internal static void Build(GradientScope g)
    {
        var equation = EinsumEquation.Parse(g.Attribute("equation", ""));
        for (var i = 0; i < g.InputCount; i++)
        {
            if (!g.NeedsGradient(i))
                continue;
            var own = equation.Inputs[i].Text;
            if (own.Distinct().Count() != own.Length)
                throw g.Error("takes a diagonal (a letter twice in one operand)");
            var others = Enumerable.Range(0, g.InputCount).Where(k => k != i).ToArray();
            string[] terms = [equation.Output.Text, .. others.Select(k => equation.Inputs[k].Text)];
            var result = string.Concat(own.Where(letter => terms.Any(t => t.Contains(letter, StringComparison.Ordinal))));
            var text = $"{string.Join(',', terms)}->{result}".Replace(EinsumEquation.Ellipsis.ToString(), "...", StringComparison.Ordinal);
            var gradient = g.Node("Einsum", [g.OutputGradient(0), .. others.Select(g.Input)], new OnnxAttribute("equation", text));
            g.InputGradient(i, result == own ? gradient : Repeat(g, gradient, own, result, g.Input(i)));
        }
    }

    static string Repeat(GradientScope g, string gradient, string own, string result, string input)
    {
        var hidden = g.RankOf(input) - own.Length + 1;
        var missing = new List<long>();
        var axis = 0;
        foreach (var letter in own)
        {
            if (!result.Contains(letter, StringComparison.Ordinal))
                missing.Add(axis);
            axis += letter == EinsumEquation.Ellipsis ? hidden : 1;
        }
        return g.ExpandLike(g.Unsqueeze(gradient, [.. missing]), input);
    }
}
