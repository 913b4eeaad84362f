using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// RMSNormalization (opset 23) spelled out: x * (1 / sqrt(mean(x^2) + epsilon)) * scale, or x / sqrt(...) * scale, over the last axis.
/// </summary>
static class RmsNormalizationPattern
{
    internal static Func<GraphBuilder, string>? Find(PatternMatch m) => m.Opset >= 23 && Match(m) is { } norm
        ? g => g.Node("RMSNormalization", [norm.X, norm.ScaleName], new OnnxAttribute("axis", -1), new OnnxAttribute("epsilon", (float)norm.Epsilon)) : null;

    /// <summary>What is normalised, and where the scale is read.</summary>
    internal static NormMatch? Match(PatternMatch m)
    {
        for (var i = 0; i < 2 && m.End.Key == "Mul"; i++)
        {
            m.Inner.Clear();
            if (m.RankOf(m.End.Input(1 - i)) == 1 && Normalized(m, m.End.Input(i)) is var (x, epsilon))
                return new NormMatch(x, new GraphUse(m.End, 1 - i), null, epsilon);
        }
        return null;
    }

    static (string X, double Epsilon)? Normalized(PatternMatch m, string normal)
    {
        if (m.Take(normal, "Div") is { } quotient)
            return Root(m, quotient.Input(1), quotient.Input(0));
        if (m.Take(normal, "Mul") is not { } product)
            return null;
        for (var i = 0; i < 2; i++)
        {
            var inverse = m.Take(product.Input(i), "Reciprocal")?.Input(0)
                ?? (m.Take(product.Input(i), "Div") is { } div && PatternMatch.Is(m.Scalar(div.Input(0)), 1) ? div.Input(1) : null);
            if (inverse is not null && Root(m, inverse, product.Input(1 - i)) is { } found)
                return found;
        }
        return null;
    }

    static (string X, double Epsilon)? Root(PatternMatch m, string root, string x)
    {
        if (m.Take(root, "Sqrt") is not { } sqrt || m.Take(sqrt.Input(0), "Add") is not { } sum || m.Scalar(sum.Input(1)) is not { } epsilon)
            return null;
        return m.Take(sum.Input(0), "ReduceMean") is { } mean && m.IsAlongLast(mean)
            && LayerNormalizationPattern.Squared(m, mean.Input(0)) is { } squared && m.Origin(squared) == m.Origin(x) ? (x, epsilon) : null;
    }
}
