namespace OrtPeft.Graphs;

/// <summary>
/// A function defined inside a model; <see cref="FunctionInliner"/> replaces its calls by its body when the model is loaded.
/// </summary>
sealed class OnnxFunction
{
    internal string Name { get; set; } = "";

    internal string Domain { get; set; } = "";

    internal string Overload { get; set; } = "";

    internal List<string> Inputs { get; } = [];

    internal List<string> Outputs { get; } = [];

    /// <summary>Attributes a call must give.</summary>
    internal List<string> Attributes { get; } = [];

    /// <summary>Attributes a call may leave out, with their values.</summary>
    internal List<OnnxAttribute> Defaults { get; } = [];

    internal List<OnnxNode> Nodes { get; } = [];

    internal Dictionary<string, long> OpsetImports { get; } = [];
}
