using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// GELU spelled out: x/2 * (1 + erf(x / sqrt 2)), or x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), factors in any order.
/// </summary>
static class GeluPattern
{
    internal static Func<GraphBuilder, string>? Exact(PatternMatch m)
    {
        if (Halves(m, "Erf") is not var (x, inner))
            return null;
        var (coefficient, factors) = m.Product(inner);
        return factors is [var argument] && argument == x && PatternMatch.Is(coefficient, Math.Sqrt(0.5)) ? g => g.Gelu(x, GeluForm.Fused) : null;
    }

    internal static Func<GraphBuilder, string>? Tanh(PatternMatch m)
    {
        if (Halves(m, "Tanh") is not var (x, inner) || !IsTanhArgument(m, x, inner))
            return null;
        return g => g.Opset >= 20 ? g.Node("Gelu", [x], new OnnxAttribute("approximate", "tanh")) : g.Node("com.microsoft.FastGelu", [x]);
    }

    /// <summary>x and u of x/2 * (1 + function(u)).</summary>
    static (string X, string Inner)? Halves(PatternMatch m, string function)
    {
        // ONNX Runtime's own operators, which serve before opset 20, exist for 32-bit floats.
        if (m.End.Key is not ("Mul" or "Div") || (m.Opset < 20 && m.TypeOf(m.End.Output(0)) != OnnxType.Float))
            return null;
        var (coefficient, factors) = m.Product(m.End.Output(0), isEnd: true);
        if (factors.Count != 2 || !PatternMatch.Is(coefficient, 0.5))
            return null;
        for (var i = 0; i < 2; i++)
        {
            if (m.Take(factors[i], "Add") is { } sum && m.Beside(sum, 1) is { } value && m.Take(value, function) is { } node)
                return (factors[1 - i], node.Input(0));
        }
        return null;
    }

    static bool IsTanhArgument(PatternMatch m, string x, string inner)
    {
        var (coefficient, factors) = m.Product(inner);
        if (!PatternMatch.Is(coefficient, Math.Sqrt(2 / Math.PI)))
            return false;
        // sqrt(2/pi) * (x + 0.044715 x^3), or sqrt(2/pi) * x * (1 + 0.044715 x^2)
        var power = factors.Remove(x) ? 2 : 3;
        if (factors is not [var last] || m.Take(last, "Add") is not { } sum)
            return false;
        var cubic = power == 2 ? m.Beside(sum, 1) : sum.Input(0) == x ? sum.Input(1) : sum.Input(1) == x ? sum.Input(0) : null;
        if (cubic is null)
            return false;
        var (small, powers) = m.Product(cubic);
        return PatternMatch.Is(small, 0.044715) && (powers.Count == power && powers.TrueForAll(p => p == x)
            || powers is [var pow] && m.Take(pow, "Pow") is { } node && node.Input(0) == x && PatternMatch.Is(m.Scalar(node.Input(1)), power));
    }
}
