namespace OrtPeft;

/// <summary>What an export wrote and how far it is from the adapter.</summary>
/// <param name="Files">The files.</param>
/// <param name="MaxAbsError">Largest difference between what the written files and the adapter compute on the same random inputs.</param>
public sealed record ExportResult(IReadOnlyList<string> Files, double MaxAbsError);

/// <summary>Turns an adapter into files that other programs read. Each is run again after it was written, and compared, before it counts as done.</summary>
public sealed class AdapterExport
{
    /// <summary>Relative to the largest value compared; float32 sums in another order differ by about 1e-6.</summary>
    const double Tolerance = 1e-4;

    AdapterExport(Adapter adapter, Backbone backbone)
    {
        Adapter = adapter;
        Backbone = backbone;
        Tunable = TrainedHead.Declare(adapter, backbone).With(adapter.Tensors);
    }

    internal Adapter Adapter { get; }

    internal Backbone Backbone { get; }

    /// <summary>The adapter's method with the adapter's values.</summary>
    internal TunableGraph Tunable { get; }

    /// <summary>Opens an adapter and the backbone it belongs to.</summary>
    /// <param name="adapter">The adapter's folder.</param>
    /// <param name="model">The backbone; null looks where it was when the adapter was trained.</param>
    /// <exception cref="OrtPeftException">The adapter is damaged, or the backbone is not the one it was trained with.</exception>
    public static AdapterExport Open(string adapter, string? model = null)
    {
        var loaded = Adapter.Load(adapter);
        return new AdapterExport(loaded, loaded.OpenBackbone(adapter, model));
    }

    /// <summary>
    /// Writes the four artifacts that ONNX Runtime training goes on training from: `training_model.onnx`, `eval_model.onnx`,
    /// `optimizer_model.onnx`, `checkpoint`. Their inputs are frozen features, mask and labels, as this library's heads take them.
    /// </summary>
    /// <param name="folder">Where to write.</param>
    /// <param name="optimizer">The optimizer; null takes AdamW as PyTorch has it, weight decay 0.01.</param>
    /// <exception cref="OrtPeftException">The files cannot be written, or compute something else than the adapter.</exception>
    public ExportResult ToOrtTraining(string folder, ArtifactOptimizer? optimizer = null) =>
        Tunable.Target != TargetKind.Class || Tunable.TextsPerExample > 1
            ? throw new OrtPeftException($"The adapter is for the task {Adapter.Info.Task?.Name}; training artifacts are written for {ClassificationTask.TaskName} only. Use --format onnx.")
            : Checked(OrtTrainingExport.Write(this, folder, optimizer ?? new ArtifactOptimizer()));

    /// <summary>
    /// Writes one ONNX model from token ids to `scores` [batch, labels], backbone and head together, with the backbone's tokenizer and
    /// configuration beside it. The labels are in its metadata, as a JSON list under "labels".
    /// </summary>
    /// <param name="folder">Where to write.</param>
    /// <exception cref="OrtPeftException">The files cannot be written, or compute something else than the adapter.</exception>
    public ExportResult ToOnnx(string folder) => Checked(OnnxExport.Write(this, folder));

    /// <summary>
    /// Writes a folder that Hugging Face's peft loads: `adapter_config.json` and `adapter_model.safetensors`. A head that is no classifier of Hugging Face's
    /// lies beside them in `head.safetensors`, and the adapter is one for feature extraction.
    /// </summary>
    /// <param name="folder">Where to write.</param>
    /// <exception cref="OrtPeftException">peft has no such method, or cannot refer to what was trained.</exception>
    public ExportResult ToPeft(string folder) => Checked(PeftExport.Write(this, folder));

    /// <summary>
    /// Writes one ONNX model from token ids to `scores`, whose trained tensors are inputs with defaults, and the adapter for it as
    /// `adapter.onnx_adapter`, which ONNX Runtime adds to a run (RunOptions.AddActiveLoraAdapter).
    /// </summary>
    /// <param name="folder">Where to write.</param>
    /// <exception cref="OrtPeftException">The files cannot be written, compute something else, or the method changes the model when it starts.</exception>
    public ExportResult ToOnnxAdapter(string folder) => Checked(OnnxAdapterExport.Write(this, folder));

    internal static ExportResult Checked((IReadOnlyList<string> Files, Difference Difference) written)
    {
        var (files, difference) = written;
        if (!(difference.Largest <= Tolerance * Math.Max(1, difference.Scale)))
        {
            throw new OrtPeftException($"What was written to '{Path.GetDirectoryName(files[0])}' does not compute what the adapter computes: the largest difference is " +
                $"{difference.Largest:E1} at values up to {difference.Scale:G3}. Do not use it; please report this with the adapter.");
        }
        return new ExportResult(files, difference.Largest);
    }
}
