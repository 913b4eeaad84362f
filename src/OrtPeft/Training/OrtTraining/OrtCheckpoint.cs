using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The <c>checkpoint</c> file of ONNX Runtime training (1.16 to 1.19.2, format version 2): parameters, the optimizer's state, properties.
/// </summary>
public sealed record OrtCheckpoint
{
    /// <summary>The parameters that are trained, in the order of the file.</summary>
    public required IReadOnlyList<OnnxTensor> Trainable { get; init; }

    /// <summary>The parameters that are not.</summary>
    public IReadOnlyList<OnnxTensor> Frozen { get; init; } = [];

    /// <summary>Whether the file holds names and types only; values are to come from elsewhere.</summary>
    public bool IsNominal { get; init; }

    /// <summary>The optimizer's state by parameter group; the runtime knows one group, "group0". Empty before the first step.</summary>
    public IReadOnlyList<OrtOptimizerGroup> Optimizer { get; init; } = [];

    /// <summary>What the user keeps with it: values are <see cref="long"/>, <see cref="float"/> or <see cref="string"/>.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>();

    /// <summary>Reads a checkpoint file.</summary>
    /// <exception cref="OrtPeftException">It is missing, damaged, of another version, or keeps its values in another file.</exception>
    public static OrtCheckpoint Load(string path) => OrtCheckpointReader.Read(path);

    /// <summary>Writes the file; it is either wholly there or not there.</summary>
    /// <exception cref="OrtPeftException">It cannot be written, or would be larger than 2 GB.</exception>
    public void Save(string path) => OrtCheckpointWriter.Write(this, path);
}

/// <summary>The optimizer's state of one parameter group.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="InitialLearningRate">The learning rate that a scheduler starts from; loading it sets nothing.</param>
/// <param name="Moments">For each parameter its moments, called momentum0 and momentum1 (AdamW) or momentum0 (SGD).</param>
public sealed record OrtOptimizerGroup(string Name, long Step, float InitialLearningRate, IReadOnlyDictionary<string, IReadOnlyList<OnnxTensor>> Moments)
{
    /// <summary>The one group that the runtime reads.</summary>
    public const string OnlyName = "group0";
}
