namespace OrtPeft.Graphs;

/// <summary>A parsed Einsum equation; the ellipsis is one character.</summary>
sealed record EinsumEquation(EinsumTerm[] Inputs, EinsumTerm Output)
{
    internal const char Ellipsis = '.';

    internal static EinsumEquation Parse(string equation)
    {
        var text = equation.Replace(" ", "", StringComparison.Ordinal).Replace("...", Ellipsis.ToString(), StringComparison.Ordinal);
        var parts = text.Split("->");
        var inputs = parts[0].Split(',').Select(t => new EinsumTerm(t)).ToArray();
        if (parts.Length > 2 || text.Replace("->", "", StringComparison.Ordinal).Any(l => !char.IsAsciiLetter(l) && l is not (',' or Ellipsis)))
            throw new OnnxException($"The Einsum equation '{equation}' cannot be read.");
        return new EinsumEquation(inputs, new EinsumTerm(parts.Length == 2 ? parts[1] : Implicit(parts[0])));
    }

    /// <summary>Without an arrow the output has the ellipsis and every letter that occurs once, sorted.</summary>
    static string Implicit(string inputs)
    {
        var once = inputs.Where(char.IsAsciiLetter).GroupBy(l => l).Where(g => g.Count() == 1).Select(g => g.Key).Order();
        return (inputs.Contains(Ellipsis, StringComparison.Ordinal) ? Ellipsis.ToString() : "") + string.Concat(once);
    }
}

/// <summary>The letters of one operand.</summary>
sealed record EinsumTerm(string Text)
{
    internal bool HasEllipsis => Text.Contains(EinsumEquation.Ellipsis, StringComparison.Ordinal);

    internal string Letters => Text.Replace(EinsumEquation.Ellipsis.ToString(), "", StringComparison.Ordinal);
}
