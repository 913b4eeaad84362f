namespace OrtPeft;

/// <summary>
/// A head that somebody else wrote: the forward pass, loss, optimizer and first values of ONNX Runtime training artifacts. Not trained are
/// the parameters that the checkpoint calls frozen.
/// </summary>
public sealed record ArtifactsOptions : MethodOptions
{
    internal const string Name = "artifacts";

    /// <summary>Folder of the artifacts.</summary>
    public string Folder { get; init; } = "";

    /// <summary>SHA-256 of evaluation model and checkpoint; others are refused. Empty: any.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>How token features become one vector where the artifacts take one: mean or cls.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <inheritdoc/>
    public override string Method => Name;

    /// <summary>The same with full path and hash, so that a saved result knows what it belongs to.</summary>
    /// <exception cref="OrtPeftException">The artifacts are missing, or not those of the given hash.</exception>
    public ArtifactsOptions Resolve()
    {
        var folder = Path.GetFullPath(Folder);
        foreach (var file in new[] { ArtifactNames.EvalModel, ArtifactNames.Checkpoint })
        {
            if (!File.Exists(Path.Combine(folder, file)))
                throw new OrtPeftException($"Artifacts: there is no {file} in '{folder}'. If they were moved, correct \"folder\" in {Adapter.InfoFile}.");
        }
        var hash = FileHash.OfText($"{FileHash.OfFile(Path.Combine(folder, ArtifactNames.EvalModel))} {FileHash.OfFile(Path.Combine(folder, ArtifactNames.Checkpoint))}");
        if (Sha256.Length > 0 && hash != Sha256)
            throw new OrtPeftException($"The artifacts in '{folder}' are not those that were trained: their SHA-256 is {hash[..12]}..., expected {Sha256[..Math.Min(12, Sha256.Length)]}.... Restore them, or train again.");
        return this with { Folder = folder, Sha256 = hash };
    }

    internal override string? Unmergeable => "its head comes as a graph of its own";

    internal override TrainingOptions Defaults(int examples) => new() { Epochs = 10, BatchSize = 32, LearningRate = 1e-3, WeightDecay = 0, Patience = 0 };

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        RequireNot(task is not ClassificationTask, task);
        var resolved = Resolve();
        try
        {
            return ArtifactsHead.Graph(OrtArtifacts.Load(resolved.Folder), Pooling, backbone.Hidden, task.Labels);
        }
        catch (OrtPeftException e) when (!e.Message.Contains(resolved.Folder, StringComparison.Ordinal))
        {
            throw new OrtPeftException($"Artifacts '{resolved.Folder}': {e.Message}", e);
        }
    }
}
