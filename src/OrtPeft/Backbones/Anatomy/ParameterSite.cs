using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>One place where a node reads a parameter.</summary>
/// <param name="Node">The node.</param>
/// <param name="Input">Which of its inputs.</param>
/// <param name="Tensor">The constant that arrives there, perhaps through Identity, Cast or Transpose. Other places may read it too.</param>
sealed record ParameterSite(OnnxNode Node, int Input, OnnxTensor Tensor);
