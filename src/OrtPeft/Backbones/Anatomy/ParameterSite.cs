using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>One place where a node reads a parameter.</summary>
/// <param name="Node">The node.</param>
/// <param name="Input">Which of its inputs.</param>
/// <param name="Tensor">The constant that arrives there, perhaps through Identity, Cast or Transpose. Other places may read it too.</param>
sealed record ParameterSite(OnnxNode Node, int Input, OnnxTensor Tensor)
{
    /// <summary>A second place where the model reads the very parameter: a change is made in both.</summary>
    internal ParameterSite? Second { get; init; }

    /// <summary>All places of the parameter.</summary>
    internal IEnumerable<ParameterSite> Places => Second is null ? [this] : [this, Second];
}
