using OrtPeft.Graphs.Files;

namespace OrtPeft.Graphs;

/// <summary>
/// An ONNX model: a graph and where its weights lie. Weights larger than about a kilobyte stay in their file (the model file itself or
/// external data) and are read only when asked for, so a model of many gigabytes can be opened, edited and saved in little memory.
/// </summary>
public sealed class OnnxModel
{
    /// <summary>The oldest and the newest standard operator set that is understood.</summary>
    public const int MinOpset = 7, MaxOpset = 23;

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; set; } = 8;

    /// <summary>The program that wrote the model.</summary>
    public string ProducerName { get; set; } = "OrtPeft";

    /// <summary>The version of that program.</summary>
    public string ProducerVersion { get; set; } = "";

    /// <summary>Operator set version by domain; the standard domain is the empty string.</summary>
    public Dictionary<string, long> OpsetImports { get; } = [];

    /// <summary>The graph.</summary>
    public OnnxGraph Graph { get; set; } = new();

    /// <summary>Free key-value pairs.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The version of the standard operator set.</summary>
    public int Opset => (int)OpsetImports.GetValueOrDefault("");

    /// <summary>Fields this library does not interpret, as they stood in the file.</summary>
    internal byte[]? Rest { get; set; }

    /// <summary>
    /// Opens a model file. External data is located and checked (it must lie in the model's own folder) but not read.
    /// Calls of functions defined in the model are replaced by their bodies.
    /// </summary>
    /// <exception cref="OnnxException">The file is missing, is no valid model, or refers to data outside its folder.</exception>
    public static OnnxModel Load(string path) => OnnxReader.ReadFile(path);

    /// <summary>Reads a model from memory; <paramref name="name"/> stands for it in messages. External data is refused.</summary>
    /// <exception cref="OnnxException">The bytes are no valid model.</exception>
    public static OnnxModel FromBytes(ReadOnlyMemory<byte> bytes, string name = "model in memory") => OnnxReader.ReadMemory(bytes, name);

    /// <summary>A model of its own with the same graph; tensor contents are shared.</summary>
    public OnnxModel Copy()
    {
        var copy = WithGraph(new OnnxGraph { Name = Graph.Name, Rest = Graph.Rest });
        copy.Graph.Nodes.AddRange(Graph.Nodes.Select(n => n.Copy()));
        copy.Graph.Initializers.AddRange(Graph.Initializers);
        copy.Graph.SparseInitializers.AddRange(Graph.SparseInitializers);
        copy.Graph.Inputs.AddRange(Graph.Inputs);
        copy.Graph.Outputs.AddRange(Graph.Outputs);
        copy.Graph.ValueInfos.AddRange(Graph.ValueInfos);
        return copy;
    }

    /// <summary>Another graph under the same header.</summary>
    internal OnnxModel WithGraph(OnnxGraph graph)
    {
        var model = new OnnxModel
        {
            IrVersion = IrVersion,
            ProducerName = ProducerName,
            ProducerVersion = ProducerVersion,
            Rest = Rest,
            Graph = graph,
        };
        foreach (var (domain, version) in OpsetImports)
            model.OpsetImports.Add(domain, version);
        foreach (var (key, value) in Metadata)
            model.Metadata.Add(key, value);
        return model;
    }

    /// <summary>
    /// Writes the model; the file is either wholly there or not there. Weights are streamed from where they lie. External data inside
    /// the target's folder stays where it is and is shared; other external data, and weights that would make the file larger than 2 GB,
    /// go to a file of the same name with ".data" appended.
    /// </summary>
    /// <exception cref="OrtPeftException">
    /// The file cannot be written, or a file that holds weights has changed since it was opened.
    /// </exception>
    public void Save(string path) => OnnxWriter.WriteFile(this, path);

    /// <summary>The model as bytes of a file, weights included; meant for small models such as heads.</summary>
    /// <exception cref="OnnxException">The model would be larger than 2 GB.</exception>
    public byte[] ToBytes() => OnnxWriter.ToBytes(this);
}
