using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// Adapters that Hugging Face's peft saved: LoRA (rsLoRA, ranks and alphas by module), IA3, prefix tuning, prompt tuning, LayerNorm tuning. The modules
/// of PyTorch are found in the ONNX graph by <see cref="ModuleNames"/>.
/// </summary>
public static class PeftAdapter
{
    const int UsualMaxLength = 512;

    /// <summary>Reads an adapter with its head.</summary>
    /// <param name="folder">Folder with `adapter_config.json` and `adapter_model.safetensors`.</param>
    /// <param name="backbone">The same model as an ONNX file.</param>
    /// <param name="labels">The labels in the order of the scores; null takes LABEL_0, LABEL_1, ... as transformers does.</param>
    /// <exception cref="OrtPeftException">The folder is damaged, for another model, or holds what cannot be computed here.</exception>
    public static Adapter Load(string folder, Backbone backbone, IReadOnlyList<string>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        using var file = PeftFile.Open(folder);
        var source = new PeftSource(PeftConfig.Read(folder), file, ModuleNames.Of(backbone), backbone);
        var notes = PeftNotes.Read(file);
        var (task, pooling, head) = ReadHead(source, folder, notes, labels);
        var (options, tunable) = ReadEncoder(source, task, pooling);
        var inEncoder = tunable.Encoder!.Tensors.Select(t => t.Name).ToHashSet();
        var tensors = tunable.Tensors.Select(t => inEncoder.Contains(t.Name) ? t : new TrainedTensor(t.Name, t.Shape, head(t))).ToArray();
        file.RequireAllRead(ofEncoder: false);
        var most = backbone.MaxPositions - tunable.Encoder.TakenPositions;
        var info = new AdapterInfo
        {
            Method = options.Method,
            Options = TuningMethods.ToJson(options),
            Backbone = new AdapterBackbone(backbone.Name, backbone.Sha256, Path.GetFullPath(backbone.Path)),
            Tokenizer = backbone.RequireTokenizer().Sha256,
            Task = task.Info,
            Labels = task.Labels,
            MaxLength = Math.Clamp(notes?.MaxLength ?? UsualMaxLength, 3, most),
            TrainableParameters = tensors.Sum(t => t.Count),
            Metrics = new Dictionary<string, double>(),
            Run = FileHash.OfText(string.Join('\n', FileHash.OfFile(file.Path), FileHash.OfFile(Path.Combine(folder, PeftConfig.File)), backbone.Sha256, JsonSerializer.Serialize(task.Labels, Json.Compact))),
        };
        _ = LearningTasks.Restore(info); // what the file's metadata says of a task may not fit its labels
        return new Adapter(info, tensors);
    }

    /// <summary>
    /// Writes the backbone again with an adapter's encoder part in its weights, whatever head the adapter has: an ordinary model folder, on which heads
    /// and methods are trained as on any other.
    /// </summary>
    /// <param name="folder">Folder with `adapter_config.json` and `adapter_model.safetensors`.</param>
    /// <param name="backbone">The same model as an ONNX file.</param>
    /// <param name="target">Where to write.</param>
    /// <returns>The files.</returns>
    /// <exception cref="OrtPeftException">The folder is damaged, for another model, or holds a prompt, which lengthens the text.</exception>
    public static IReadOnlyList<string> Fuse(string folder, Backbone backbone, string target)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        using var file = PeftFile.Open(folder);
        var source = new PeftSource(PeftConfig.Read(folder), file, ModuleNames.Of(backbone), backbone);
        if (source.Config.PeftType == PeftConfig.Prompt)
            throw file.Refused("a prompt lengthens every text, which a model without a head cannot hide; import it with its head");
        var (_, tunable) = ReadEncoder(source, new ClassificationTask(["a", "b"]), PoolingKind.Mean);
        file.RequireAllRead(ofEncoder: true);
        var (model, _, _) = tunable.Encoder!.Fused(tunable.Tensors);
        return ModelFolder.Write(model, backbone, target);
    }

    /// <summary>The method on the backbone, with the values of the file.</summary>
    static (EncoderMethodOptions Options, TunableGraph Tunable) ReadEncoder(PeftSource source, LearningTask task, PoolingKind pooling)
    {
        var row = PeftMethods.Table[source.Config.PeftType];
        var options = row.Options(source) with { Pooling = pooling };
        var tunable = options.Apply(source.Backbone, task, seed: 0);
        var inEncoder = tunable.Encoder!.Tensors.Select(t => t.Name).ToHashSet();
        row.Fill(source, options, [.. tunable.Tensors.Where(t => inEncoder.Contains(t.Name))]);
        return (options, tunable);
    }

    /// <summary>Task and pooling of the adapter, and where the values of the head's tensors come from.</summary>
    static (LearningTask Task, PoolingKind Pooling, Func<TrainedTensor, float[]> Read) ReadHead(PeftSource source, string folder, PeftNotes? notes, IReadOnlyList<string>? labels)
    {
        var (config, file, family) = (source.Config, source.File, source.Names.Family);
        if (config.TaskType == PeftConfig.Features && notes is not null)
            return (RestoreTask(notes, labels), notes.Pooling, tensor => ReadOwn(folder, tensor));
        var (head, whyNot) = PeftHead.Of(family, source.Backbone.Config, config.TaskType ?? PeftConfig.Sequences);
        if (head is null || config.TaskType == PeftConfig.Features)
            throw file.Refused($"its head has no counterpart: {(head is null ? whyNot : "it has none")}. Import the encoder part alone (--no-head)");
        var output = file.Find(head.KeyOf(OutputLayer.Weight)) ?? throw file.Refused($"it lacks the head's tensor '{head.KeyOf(OutputLayer.Weight)}'. Import the encoder part alone (--no-head)");
        var outputs = output.Shape is [>= 1 and <= 1 << 16, _] ? (int)output.Shape[0] : throw file.Refused($"the head's tensor '{output.Name}' is [{string.Join(", ", output.Shape)}]; expected [labels, {source.Backbone.Hidden}]");
        var task = notes is null ? TaskOf(source, outputs, labels) : RestoreTask(notes, labels);
        if (task.Outputs != outputs)
            throw file.Refused($"its head has {outputs} scores, but {task.Outputs} labels were named");
        return (task, head.Pooling, tensor => HeadValue(source, head, tensor));
    }

    /// <summary>A tensor of the head: the adapter's, else the model's own.</summary>
    static float[] HeadValue(PeftSource source, PeftHead head, TrainedTensor tensor)
    {
        var (file, backbone, key) = (source.File, source.Backbone, head.KeyOf(tensor.Name));
        if (file.Find(key) is { } entry)
            return file.Read(entry, [.. tensor.Shape]);
        if (head.IsAlwaysSaved(tensor.Name))
            throw file.Refused($"it lacks the head's tensor '{key}'");
        if (head.ReadsPooler)
        {
            return PoolerWeights.Find(backbone) is { } pooler ? tensor.Name == Pooler.Weight ? pooler.Weight : pooler.Bias
                : throw file.Refused($"its head reads the model's pooler, which '{backbone.Name}' lacks. Put Hugging Face's model.safetensors beside the ONNX file, or import the encoder part alone (--no-head)");
        }
        return PyTorchWeights.Find(backbone, key, [.. tensor.Shape]) ?? throw file.Refused($"it lacks the head's tensor '{key}', which peft saves only where modules_to_save names it. "
            + "Put the model.safetensors of the classifier that it was trained on beside the ONNX file, or import the encoder part alone (--no-head)");
    }

    static LearningTask TaskOf(PeftSource source, int outputs, IReadOnlyList<string>? labels)
    {
        if (outputs == 1 && source.Config.TaskType != PeftConfig.Tokens)
            return labels is null ? new RegressionTask(0, 1) : throw source.File.Refused("its head has one score, which is a number: it takes no labels");
        labels ??= [.. Enumerable.Range(0, outputs).Select(i => $"LABEL_{i}")];
        var set = new LabelSet(labels);
        return source.Config.TaskType == PeftConfig.Tokens ? new TaggingTask(set) : new ClassificationTask(set);
    }

    static LearningTask RestoreTask(PeftNotes notes, IReadOnlyList<string>? labels) => LearningTasks.Table[notes.Task.Name].Restore(notes.Task, labels ?? notes.Labels);

    static float[] ReadOwn(string folder, TrainedTensor tensor)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, PeftHead.OwnFile));
        return file[tensor.Name].Shape.SequenceEqual(tensor.Shape)
            ? file.ReadSingles(tensor.Name)
            : throw new OrtPeftException($"'{file.Path}': tensor '{tensor.Name}' is [{string.Join(", ", file[tensor.Name].Shape)}]; expected [{string.Join(", ", tensor.Shape)}].");
    }
}
