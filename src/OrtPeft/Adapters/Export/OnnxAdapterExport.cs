using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// One model from token ids to scores whose trained tensors are inputs with defaults, and the adapter as a file that ONNX Runtime adds to a run
/// (RunOptions.AddActiveLoraAdapter). The defaults are the plain backbone under this adapter's head; adapters of the same method share the model and
/// may differ in rank and number of labels.
/// </summary>
static class OnnxAdapterExport
{
    internal const string AdapterFile = "adapter.onnx_adapter";

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder)
    {
        OnnxExport.RequireOneText(export);
        var info = export.Adapter.Info;
        var options = export.Adapter.Method;
        if (options is not EncoderMethodOptions { Found: null } || options is PrefixOptions or PromptOptions or FineTuningOptions)
            throw new OrtPeftException($"--format onnx-adapter is for methods that change nothing when they start, inside the backbone, such as {LoraOptions.Name}; this adapter was trained with {info.Method}. Use --format onnx.");
        // The scale goes into B, so that one model serves adapters of any rank.
        var scale = options is LoraOptions lora ? lora.Scale : 1;
        if (options is LoraOptions scaled)
            options = scaled with { Alpha = scaled.Rank, RankStabilized = false };
        var tunable = options.Apply(export.Backbone, LearningTasks.Restore(info), seed: 0);
        var encoder = tunable.Encoder!.FromTokens();
        var inEncoder = encoder.Tensors.Select(t => t.Name).ToHashSet();
        var trained = export.Tunable.Tensors.ToDictionary(t => t.Name);
        var model = HeadGraph.Inference(tunable with { Encoder = encoder }, export.Backbone.Hidden);
        foreach (var tensor in tunable.Tensors)
        {
            var at = model.Graph.Inputs.FindIndex(i => i.Name == tensor.Name);
            model.Graph.Inputs[at] = new OnnxValueInfo(tensor.Name, OnnxType.Float, Declared(tensor, inEncoder.Contains(tensor.Name)));
            model.Graph.Initializers.Add(inEncoder.Contains(tensor.Name) ? Default(tensor, options) : ToOnnx(trained[tensor.Name]));
        }
        OnnxExport.AddLabels(model, export);

        ModelFolder.RequireOther(folder, export.Backbone);
        var files = ModelFolder.Write(model, export.Backbone, folder);
        var path = Path.Combine(folder, AdapterFile);
        OnnxAdapterFile.Write(path, tunable.Tensors.Select(t => ToOnnx(IsB(t) ? Scaled(trained[t.Name], scale) : trained[t.Name])));
        using var active = OrtLoraAdapter.Create(path, null);
        return ([.. files, path], OnnxExport.Compare(export, files[0], active));
    }

    static bool IsA(TrainedTensor tensor) => tensor.Name.EndsWith(".lora_A", StringComparison.Ordinal);

    static bool IsB(TrainedTensor tensor) => tensor.Name.EndsWith(".lora_B", StringComparison.Ordinal);

    static Dim[] Declared(TrainedTensor tensor, bool ofEncoder) => ofEncoder
        ? IsA(tensor) ? ["rank", tensor.Shape[1]] : IsB(tensor) ? [tensor.Shape[0], "rank"] : [.. tensor.Shape.Select(d => (Dim)d)]
        : tensor.Name switch
        {
            OutputLayer.Weight => ["labels", tensor.Shape[1]],
            OutputLayer.Bias => ["labels"],
            _ => [.. tensor.Shape.Select(d => (Dim)d)],
        };

    /// <summary>What changes nothing: LoRA's matrices without any rank, which take no place; zeros for what is added to hidden states; else the start.</summary>
    static OnnxTensor Default(TrainedTensor tensor, MethodOptions options) =>
        IsA(tensor) ? OnnxTensor.FromFloats(tensor.Name, [], 0, tensor.Shape[1])
        : IsB(tensor) ? OnnxTensor.FromFloats(tensor.Name, [], tensor.Shape[0], 0)
        : options is PastaOptions or AheadOfTimeOptions ? ToOnnx(TrainedTensor.Constant(tensor.Name, 0, [.. tensor.Shape]))
        : ToOnnx(tensor);

    static TrainedTensor Scaled(TrainedTensor tensor, double scale) => tensor with { Values = [.. tensor.Values.Select(v => (float)(v * scale))] };

    static OnnxTensor ToOnnx(TrainedTensor tensor) => OnnxTensor.FromFloats(tensor.Name, tensor.Values, [.. tensor.Shape]);
}
