using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>A normalisation that was recognised.</summary>
/// <param name="X">The tensor that is normalised.</param>
/// <param name="Scale">Where the scale is read.</param>
/// <param name="Bias">Where the bias is read; null when there is none.</param>
/// <param name="Epsilon">What is added to the variance or the mean square.</param>
sealed record NormMatch(string X, GraphUse Scale, GraphUse? Bias, double Epsilon)
{
    internal string ScaleName => Scale.Node.Input(Scale.Input);

    internal string? BiasName => Bias is { } use ? use.Node.Input(use.Input) : null;
}
