namespace OrtPeft.Graphs.Shapes;

/// <summary>Einsum, with ellipsis.</summary>
static class EinsumShapes
{
    internal static void Einsum(ShapeContext c)
    {
        var equation = EinsumEquation.Parse(c.Node.Text("equation", ""));
        if (equation.Inputs.Length != c.InputCount)
            throw c.Error($"has an equation for {equation.Inputs.Length} inputs");
        var letters = new Dictionary<char, Dim>();
        Dim[] ellipsis = [];
        for (var i = 0; i < c.InputCount; i++)
        {
            if (c.Shape(i) is not { } shape)
            {
                c.Set(0, c.Type(0), null);
                return;
            }
            var term = equation.Inputs[i];
            var hidden = shape.Length - term.Letters.Length;
            if (hidden < 0 || (hidden > 0 && !term.HasEllipsis))
                throw c.Error($"has an equation that does not fit the rank of input {i}");
            var axis = 0;
            foreach (var letter in term.Text)
            {
                if (letter == EinsumEquation.Ellipsis)
                {
                    ellipsis = c.Broadcast(ellipsis, shape[axis..(axis + hidden)])!;
                    axis += hidden;
                    continue;
                }
                var dim = shape[axis++];
                letters[letter] = letters.TryGetValue(letter, out var known) ? c.Broadcast(known, dim) : dim;
            }
        }
        c.Set(0, c.Type(0), [.. equation.Output.Text.SelectMany(l => l == EinsumEquation.Ellipsis ? ellipsis
            : letters.TryGetValue(l, out var dim) ? [dim] : throw c.Error($"has the letter '{l}' only in its output"))]);
    }
}
