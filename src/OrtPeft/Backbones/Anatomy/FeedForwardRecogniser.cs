using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Finds feed-forward networks: linear layer, activation, linear layer, residual sum; with a gate in gated linear units.</summary>
static class FeedForwardRecogniser
{
    static readonly HashSet<string> Activations =
        ["Relu", "Gelu", "Erf", "Tanh", "Sigmoid", "Softplus", "Elu", "HardSwish", "Mish", "Swish", "Silu", "FastGelu", "QuickGelu", "BiasGelu"];

    /// <summary>The network that reads <paramref name="hidden"/>; null when nothing behind it looks like one.</summary>
    internal static FeedForwardSite? Find(EncoderGraph g, string hidden)
    {
        foreach (var first in g.LinearsOf(hidden))
        {
            // Not the projections of the next attention: behind them comes no sum with what lies before.
            if (g.NextLinears(first.Behind).FirstOrDefault() is { } last && Residual.Behind(g, last) is { } residual)
            {
                var inputs = g.LinearsOf(hidden).Where(l => g.NextLinears(l.Behind).FirstOrDefault()?.Node == last.Node).ToArray();
                var gated = Gate(g, last.Input);
                return new FeedForwardSite((gated?.Activated ?? first).Whole, gated?.Gate, last, residual) { Reason = inputs.Length > 1 && gated is null ? $"several linear layers lead to {last.Node}" : null };
            }
        }
        return null;
    }

    /// <summary>The two factors of a gated linear unit, activated one first; null when there is no product of two different things.</summary>
    static (LinearSite Activated, LinearSite Gate)? Gate(EncoderGraph g, string tensor)
    {
        foreach (var node in g.Upstream(tensor, t => g.LinearAt(t) is not null).Select(g.Producer).Where(n => n is { Key: "Mul" }).OfType<OnnxNode>())
        {
            if (Factor(g, node.Input(0)) is not { } a || Factor(g, node.Input(1)) is not { } b
                || (a.Node == b.Node && a.Columns.Intersect(b.Columns).Any()) || a.IsPacked != b.IsPacked)
                continue;
            return IsActivated(g, node.Input(1)) && !IsActivated(g, node.Input(0)) ? (b, a) : (a, b);
        }
        return null;
    }

    static LinearSite? Factor(EncoderGraph g, string tensor) =>
        g.LastLinears(tensor).ToArray() is [var linear] && PackedColumns.At(g, linear, tensor) is { } columns ? linear with { Columns = columns } : null;

    static bool IsActivated(EncoderGraph g, string tensor) =>
        g.Upstream(tensor, t => g.LinearAt(t) is not null).Any(t => g.LinearAt(t) is null && g.Producer(t) is { } node && Activations.Contains(node.OpType));
}

/// <summary>A feed-forward network.</summary>
/// <param name="In">The layer before the activation.</param>
/// <param name="Gate">The layer that multiplies the activation; null in plain networks.</param>
/// <param name="Out">The last layer.</param>
/// <param name="Residual">The sum behind it.</param>
sealed record FeedForwardSite(LinearSite In, LinearSite? Gate, LinearSite Out, Residual Residual)
{
    /// <summary>What could not be told.</summary>
    internal string? Reason { get; init; }
}
