using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>One tensor of a graph of several tasks: [tasks, ...], an input of the graph, so that tasks can be added without another graph.</summary>
/// <param name="Name">The input.</param>
/// <param name="Of">Its values for given tasks.</param>
sealed record TaskStack(string Name, Func<IReadOnlyList<TaskMember>, OnnxTensor> Of);
