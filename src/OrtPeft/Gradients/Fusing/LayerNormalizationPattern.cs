using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>LayerNormalization spelled out: d / sqrt(mean(d^2) + epsilon) * scale + bias with d = x - mean(x), over the last axis.</summary>
static class LayerNormalizationPattern
{
    internal static Func<GraphBuilder, string>? Find(PatternMatch m)
    {
        if (m.Opset < 17 || m.End.Key != "Add")
            return null;
        for (var i = 0; i < 2; i++)
        {
            if (m.Take(m.End.Input(i), "Mul") is not { } scaled)
                continue;
            for (var k = 0; k < 2; k++)
            {
                var (normal, scale, bias) = (scaled.Input(k), scaled.Input(1 - k), m.End.Input(1 - i));
                if (m.RankOf(scale) == 1 && m.RankOf(bias) == 1 && Normalized(m, normal) is var (x, epsilon))
                    return g => g.LayerNormalization(x, scale, bias, (float)epsilon);
            }
        }
        return null;
    }

    static (string X, double Epsilon)? Normalized(PatternMatch m, string normal)
    {
        if (m.Take(normal, "Div") is not { } quotient || m.Take(quotient.Input(1), "Sqrt") is not { } root
            || m.Take(root.Input(0), "Add") is not { } variance)
            return null;
        var (mean, added) = m.Scalar(variance.Input(1)) is not null ? (variance.Input(0), variance.Input(1)) : (variance.Input(1), variance.Input(0));
        if (m.Scalar(added) is not { } epsilon)
            return null;
        if (m.Take(mean, "ReduceMean") is not { } reduce || !m.IsAlongLast(reduce) || Squared(m, reduce.Input(0)) != quotient.Input(0))
            return null;
        // d is read by the quotient and by its square, which reads it once (Pow) or twice (Mul).
        var uses = m.Inner.Exists(n => n.OpType == "Pow") ? 2 : 3;
        return m.Take(quotient.Input(0), "Sub", uses) is { } centered && m.Take(centered.Input(1), "ReduceMean") is { } average
            && m.IsAlongLast(average) && average.Input(0) == centered.Input(0) ? (centered.Input(0), epsilon) : null;
    }

    /// <summary>What is squared, as Pow(d, 2) or d * d.</summary>
    internal static string? Squared(PatternMatch m, string square)
    {
        if (m.Take(square, "Pow") is { } pow && PatternMatch.Is(m.Scalar(pow.Input(1)), 2))
            return pow.Input(0);
        return m.Take(square, "Mul") is { } mul && mul.Input(0) == mul.Input(1) ? mul.Input(0) : null;
    }
}
