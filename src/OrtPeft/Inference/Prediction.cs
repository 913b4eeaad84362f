using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>The answer for one text.</summary>
/// <param name="Label">The label with the highest score; several labels are joined by |, a number is written out.</param>
/// <param name="Score">Its score; for several labels the lowest of theirs, for a number the number.</param>
/// <param name="Scores">All labels' scores, 0 to 1; empty when there are none.</param>
public sealed record Prediction(string Label, float Score, IReadOnlyDictionary<string, float> Scores)
{
    static readonly Dictionary<string, float> NoScores = [];

    /// <summary>Several labels a text: those whose score reaches their threshold, perhaps none. Else null.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Regression and similarity: the number. Else null.</summary>
    public double? Value { get; init; }

    /// <summary>Token classification: each word with its tag. Else null.</summary>
    public IReadOnlyList<TaggedWord>? Words { get; init; }

    /// <summary>Token classification: the spans that the tags mark, counted in words. Else null.</summary>
    public IReadOnlyList<TagSpan>? Spans { get; init; }

    /// <summary>Softmax of a head's raw scores.</summary>
    internal static Prediction Of(IReadOnlyList<string> labels, ReadOnlySpan<float> scores)
    {
        var shares = new float[scores.Length];
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), shares);
        TensorPrimitives.SoftMax<float>(shares, shares);
        var best = TensorPrimitives.IndexOfMax(scores);
        return new Prediction(labels[best], shares[best], labels.Zip(shares).ToDictionary(p => p.First, p => p.Second));
    }

    /// <summary>A number.</summary>
    internal static Prediction Of(double value) =>
        new(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), (float)value, NoScores) { Value = value };
}

/// <summary>A word with its tag.</summary>
/// <param name="Word">The word.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Score">The tag's score, 0 to 1; 0 for a word that was cut off.</param>
public readonly record struct TaggedWord(string Word, string Tag, float Score);

/// <summary>A span of words of one kind.</summary>
/// <param name="Label">Its kind: the tag without B- or I-.</param>
/// <param name="Start">First word, counted from 0.</param>
/// <param name="End">Word after the last.</param>
public readonly record struct TagSpan(string Label, int Start, int End);
