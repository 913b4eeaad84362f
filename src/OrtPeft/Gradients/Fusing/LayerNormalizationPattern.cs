using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>
/// LayerNormalization spelled out: d / sqrt(mean(d^2) + epsilon) * scale + bias with d = x - mean(x), over the last axis; the bias may be missing.
/// </summary>
static class LayerNormalizationPattern
{
    internal static Func<GraphBuilder, string>? Find(PatternMatch m) =>
        m.Opset >= 17 && Match(m) is { } norm ? g => g.LayerNormalization(norm.X, norm.ScaleName, norm.BiasName, (float)norm.Epsilon) : null;

    /// <summary>What is normalised, and where scale and bias are read.</summary>
    internal static NormMatch? Match(PatternMatch m)
    {
        if (m.End.Key == "Mul")
            return Scaled(m, m.End, null);
        for (var i = 0; i < 2 && m.End.Key == "Add"; i++)
        {
            m.Inner.Clear();
            if (m.RankOf(m.End.Input(1 - i)) == 1 && m.Take(m.End.Input(i), "Mul") is { } scaled
                && Scaled(m, scaled, new GraphUse(m.End, 1 - i)) is { } found)
                return found;
        }
        return null;
    }

    static NormMatch? Scaled(PatternMatch m, OnnxNode scaled, GraphUse? bias)
    {
        for (var i = 0; i < 2; i++)
        {
            if (m.RankOf(scaled.Input(1 - i)) == 1 && Normalized(m, scaled.Input(i)) is var (x, epsilon))
                return new NormMatch(x, new GraphUse(scaled, 1 - i), bias, epsilon);
        }
        return null;
    }

    static (string X, double Epsilon)? Normalized(PatternMatch m, string normal)
    {
        if (m.Take(normal, "Div") is not { } quotient || m.Take(quotient.Input(1), "Sqrt") is not { } root
            || m.Take(root.Input(0), "Add") is not { } variance)
            return null;
        var (mean, added) = m.Scalar(variance.Input(1)) is not null ? (variance.Input(0), variance.Input(1)) : (variance.Input(1), variance.Input(0));
        if (m.Scalar(added) is not { } epsilon || m.Take(mean, "ReduceMean") is not { } reduce || !m.IsAlongLast(reduce)
            || Squared(m, reduce.Input(0)) is not { } difference)
            return null;
        // A square reads d once (Pow) or twice (Mul); the quotient reads it too, or a difference of its own.
        var uses = m.Inner.Exists(n => n.OpType == "Pow") ? 1 : 2;
        if (difference == quotient.Input(0))
            return Centered(m, difference, uses + 1, 1) is { } x ? (x, epsilon) : null;
        return Centered(m, difference, uses, 2) is { } one && Centered(m, quotient.Input(0), 1, 2) is { } other && one == other ? (one, epsilon) : null;
    }

    /// <summary>The x of x - mean(x).</summary>
    static string? Centered(PatternMatch m, string difference, int uses, int usesOfMean) =>
        m.Take(difference, "Sub", uses) is { } sub && (m.Take(sub.Input(1), "ReduceMean", usesOfMean) ?? m.Take(sub.Input(1), "ReduceMean")) is { } mean
            && m.IsAlongLast(mean) && mean.Input(0) == sub.Input(0) ? sub.Input(0) : null;

    /// <summary>What is squared, as Pow(d, 2) or d * d.</summary>
    internal static string? Squared(PatternMatch m, string square)
    {
        if (m.Take(square, "Pow") is { } pow && PatternMatch.Is(m.Scalar(pow.Input(1)), 2))
            return pow.Input(0);
        return m.Take(square, "Mul") is { } mul && mul.Input(0) == mul.Input(1) ? mul.Input(0) : null;
    }
}
