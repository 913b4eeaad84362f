namespace OrtPeft.Graphs;

/// <summary>A graph: constant tensors, and nodes in an order in which every tensor is written before it is read.</summary>
public sealed class OnnxGraph
{
    /// <summary>The graph's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The nodes in topological order.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The constant tensors (weights), by name.</summary>
    public List<OnnxTensor> Initializers { get; } = [];

    /// <summary>The inputs. Old files repeat the names of initializers here.</summary>
    public List<OnnxValueInfo> Inputs { get; } = [];

    /// <summary>The outputs.</summary>
    public List<OnnxValueInfo> Outputs { get; } = [];

    /// <summary>Types of inner tensors, as far as the file gives them.</summary>
    public List<OnnxValueInfo> ValueInfos { get; } = [];

    /// <summary>Constant tensors that list only their non-zero elements.</summary>
    internal List<OnnxSparseTensor> SparseInitializers { get; } = [];

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; set; }

    /// <summary>The initializer of that name, or null. Looks through the list: use <see cref="GraphIndex"/> for many.</summary>
    public OnnxTensor? Initializer(string name) => Initializers.Find(t => t.Name == name);
}
