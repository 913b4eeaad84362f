using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>The answer for one text.</summary>
/// <param name="Label">The label with the highest score.</param>
/// <param name="Score">Its score.</param>
/// <param name="Scores">All labels' scores; between 0 and 1, together 1.</param>
public sealed record Prediction(string Label, float Score, IReadOnlyDictionary<string, float> Scores)
{
    /// <summary>Softmax of a head's raw scores.</summary>
    internal static Prediction Of(LabelSet labels, ReadOnlySpan<float> scores)
    {
        var shares = new float[scores.Length];
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), shares);
        TensorPrimitives.SoftMax<float>(shares, shares);
        var best = TensorPrimitives.IndexOfMax(scores);
        return new Prediction(labels[best], shares[best], labels.Zip(shares).ToDictionary(p => p.First, p => p.Second));
    }
}
