using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The four artifacts that ONNX Runtime training trains from, as <c>onnxruntime.training.artifacts.generate_artifacts</c> writes them:
/// training model, evaluation model, optimizer model and checkpoint.
/// </summary>
public sealed record OrtArtifacts
{
    /// <summary>Batch, parameters and gradient buffers in; loss out; the gradients are added to the buffers in place.</summary>
    public required OnnxModel TrainingModel { get; init; }

    /// <summary>Batch and parameters in; loss and scores out.</summary>
    public required OnnxModel EvalModel { get; init; }

    /// <summary>One optimizer step over all parameters.</summary>
    public required OnnxModel OptimizerModel { get; init; }

    /// <summary>The parameters' values.</summary>
    public required OrtCheckpoint Checkpoint { get; init; }

    /// <summary>Reads the four files `training_model.onnx`, `eval_model.onnx`, `optimizer_model.onnx` and `checkpoint` of a folder.</summary>
    /// <exception cref="OrtPeftException">One of them is missing or damaged, or they do not belong together.</exception>
    public static OrtArtifacts Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new OrtPeftException($"Artifacts folder '{folder}' does not exist.");
        foreach (var name in Files)
        {
            if (!File.Exists(Path.Combine(folder, name)) && !Directory.Exists(Path.Combine(folder, name)))
                throw new OrtPeftException($"'{folder}' holds no artifacts: it has no {name}; expected {string.Join(", ", Files)}.");
        }
        var artifacts = new OrtArtifacts
        {
            TrainingModel = OnnxModel.Load(Path.Combine(folder, ArtifactNames.TrainingModel)),
            EvalModel = OnnxModel.Load(Path.Combine(folder, ArtifactNames.EvalModel)),
            OptimizerModel = OnnxModel.Load(Path.Combine(folder, ArtifactNames.OptimizerModel)),
            Checkpoint = OrtCheckpoint.Load(Path.Combine(folder, ArtifactNames.Checkpoint)),
        };
        try
        {
            ArtifactCheck.Check(artifacts);
        }
        catch (OrtPeftException e)
        {
            throw new OrtPeftException($"Artifacts '{folder}': {e.Message}", e);
        }
        return artifacts;
    }

    /// <summary>Writes the four files into <paramref name="folder"/>, the checkpoint last.</summary>
    /// <returns>Their paths.</returns>
    /// <exception cref="OrtPeftException">The folder cannot be written.</exception>
    public IReadOnlyList<string> Save(string folder)
    {
        Directory.CreateDirectory(folder);
        TrainingModel.Save(Path.Combine(folder, ArtifactNames.TrainingModel));
        EvalModel.Save(Path.Combine(folder, ArtifactNames.EvalModel));
        OptimizerModel.Save(Path.Combine(folder, ArtifactNames.OptimizerModel));
        Checkpoint.Save(Path.Combine(folder, ArtifactNames.Checkpoint));
        return [.. Files.Select(name => Path.Combine(folder, name))];
    }

    internal static IReadOnlyList<string> Files { get; } =
        [ArtifactNames.TrainingModel, ArtifactNames.EvalModel, ArtifactNames.OptimizerModel, ArtifactNames.Checkpoint];

    /// <summary>All parameters, in the order of the training model's inputs, which is the runtime's.</summary>
    internal IReadOnlyList<OnnxTensor> Parameters
    {
        get
        {
            var byName = Checkpoint.Trainable.Concat(Checkpoint.Frozen).ToDictionary(t => t.Name);
            return [.. TrainingModel.Graph.Inputs.Where(i => byName.ContainsKey(i.Name)).Select(i => byName[i.Name])];
        }
    }

    /// <summary>The trained parameters, in that order.</summary>
    internal IReadOnlyList<OnnxTensor> Trainable
    {
        get
        {
            var trainable = Checkpoint.Trainable.Select(t => t.Name).ToHashSet();
            return [.. Parameters.Where(p => trainable.Contains(p.Name))];
        }
    }

    /// <summary>What a caller feeds into <paramref name="model"/> (training or evaluation), in order.</summary>
    internal IReadOnlyList<OnnxValueInfo> UserInputs(OnnxModel model)
    {
        var parameters = Checkpoint.Trainable.Concat(Checkpoint.Frozen).Select(t => t.Name).ToHashSet();
        return [.. model.Graph.Inputs.Where(i => !parameters.Contains(i.Name) && !ArtifactNames.IsReserved(i.Name) && model.Graph.Initializer(i.Name) is null)];
    }

    /// <summary>The name of the loss: by the generator's custom the first output.</summary>
    internal string Loss => EvalModel.Graph.Outputs[0].Name;
}
