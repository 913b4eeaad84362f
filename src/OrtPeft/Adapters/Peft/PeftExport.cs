using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>Writes an adapter as peft does, reads it again, and compares.</summary>
static class PeftExport
{
    internal static readonly string[] Files = [PeftConfig.File, PeftFile.Name];

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder)
    {
        var (info, backbone, tunable) = (export.Adapter.Info, export.Backbone, export.Tunable);
        var type = PeftMethods.TypeOf(info.Method) ?? throw new OrtPeftException(
            $"peft has no method like {info.Method}; it has {string.Join(", ", PeftMethods.Table.Values.Select(r => r.Method))}. Use --format onnx.");
        var options = (EncoderMethodOptions)export.Adapter.Method;
        var names = ModuleNames.Of(backbone);
        var head = HeadOf(names.Family, backbone, LearningTasks.Restore(info), options.Pooling);
        var inEncoder = tunable.Encoder!.Tensors.Select(t => t.Name).ToHashSet();
        var encoder = tunable.Tensors.Where(t => inEncoder.Contains(t.Name)).ToArray();
        var ofHead = tunable.Tensors.Where(t => !inEncoder.Contains(t.Name)).ToArray();

        var tensors = new SortedDictionary<string, (long[] Shape, float[] Values)>(StringComparer.Ordinal);
        // Models without a head are the encoder itself.
        foreach (var (key, shape, values) in OfEncoder(type, options, names, encoder, head is null ? "" : $"{names.Family!.Base}."))
        {
            if (!tensors.TryAdd(key, (shape, values)) && !tensors[key].Values.AsSpan().SequenceEqual(values))
                throw new OrtPeftException($"The layers of '{backbone.Name}' share their modules, so peft has one tensor '{key}' for all of them; this adapter has one for each. Use --format onnx.");
        }
        var saved = head is null ? [] : OfHead(head, names.Family!, backbone, ofHead, type).ToArray();
        foreach (var (key, tensor) in saved)
            tensors.Add(key, ([.. tensor.Shape], tensor.Values));

        Directory.CreateDirectory(folder);
        var files = new List<string> { Path.Combine(folder, PeftConfig.File), Path.Combine(folder, PeftFile.Name) };
        Json.Write(files[0], Config(type, options, export, names, encoder, head) with { ModulesToSave = head?.ModulesToSave(saved.Select(s => s.Tensor.Name)) });
        var writer = new SafetensorsWriter().Metadata("format", "pt");
        new PeftNotes(LearningTasks.Restore(info).Info, info.Labels, options.Pooling, info.MaxLength).Write(writer);
        foreach (var (key, (shape, values)) in tensors)
            writer.Add(key, values, shape);
        writer.Write(files[1]);
        var ownHead = Path.Combine(folder, PeftHead.OwnFile);
        if (head is null)
        {
            var own = new SafetensorsWriter().Metadata("format", "pt");
            foreach (var tensor in ofHead)
                own.Add(tensor.Name, tensor.Values, [.. tensor.Shape]);
            own.Write(ownHead);
            files.Add(ownHead);
        }
        else
        {
            File.Delete(ownHead); // that of an earlier export
        }
        return (files, Compare(PeftAdapter.Load(folder, backbone), tunable.Tensors));
    }

    /// <summary>Hugging Face's classifier that computes what our head does; null when there is none.</summary>
    static PeftHead? HeadOf(ModuleFamily? family, Backbone backbone, LearningTask task, PoolingKind pooling) => task switch
    {
        TaggingTask => PeftHead.Of(family, backbone.Config, PeftConfig.Tokens).Head,
        ClassificationTask or MultiLabelTask when PeftHead.Of(family, backbone.Config, PeftConfig.Sequences).Head is { } head && head.Pooling == pooling => head,
        _ => null,
    };

    static IEnumerable<(string Key, long[] Shape, float[] Values)> OfEncoder(string type, EncoderMethodOptions options, ModuleNames names, TrainedTensor[] tensors, string inside)
    {
        if (type == PeftConfig.Prompt)
            return [(PeftLayout.Embeddings, [.. tensors[0].Shape], tensors[0].Values)];
        if (options is PrefixOptions prefix)
        {
            if (prefix.Layers > 0 || prefix.Projection > 0)
                throw new OrtPeftException("peft's prefixes are in all layers and stored as they are; this adapter was trained with layers or projection. Use --format onnx.");
            return [(PeftLayout.Embeddings, [prefix.Tokens, tensors.Sum(t => t.Count) / prefix.Tokens], PeftLayout.JoinPrefix(tensors))];
        }
        return tensors.Select(t => PeftLayout.Of(names, t) is var (key, shape) ? ($"base_model.model.{inside}{key}", shape, t.Values) : default);
    }

    /// <summary>The head's tensors by key; a pooler that is still the model's own is a part of the model.</summary>
    static IEnumerable<(string Key, TrainedTensor Tensor)> OfHead(PeftHead head, ModuleFamily family, Backbone backbone, IReadOnlyList<TrainedTensor> tensors, string type)
    {
        var prefix = type is PeftConfig.Prompt or PeftConfig.Prefix ? "base_model." : "base_model.model.";
        var own = head.ReadsPooler ? PoolerWeights.Find(backbone) : null;
        var isOwn = own is not null && Same(Pooler.Weight, own.Weight) && Same(Pooler.Bias, own.Bias);
        return tensors.Where(t => !isOwn || t.Name is not (Pooler.Weight or Pooler.Bias)).Select(t => (prefix + head.KeyOf(t.Name, family), t));

        bool Same(string name, float[] values) => tensors.First(t => t.Name == name).Values.AsSpan().SequenceEqual(values);
    }

    static PeftConfig Config(string type, EncoderMethodOptions options, AdapterExport export, ModuleNames names, IReadOnlyList<TrainedTensor> encoder, PeftHead? head)
    {
        var config = new PeftConfig { PeftType = type, TaskType = head?.Task ?? PeftConfig.Features, BaseModel = export.Backbone.Name };
        var backbone = export.Backbone;
        return options switch
        {
            LoraOptions lora => config with
            {
                TargetModules = Targets(encoder),
                Rank = lora.Rank,
                Alpha = lora.Alpha,
                Dropout = lora.Dropout,
                RankStabilized = lora.RankStabilized,
                Dora = lora.Dora,
                Bias = "none",
                FanInFanOut = false,
            },
            Ia3Options => config with { TargetModules = Targets(encoder), FeedForwardModules = FeedForward(), FanInFanOut = false },
            LayerNormOptions => config with { TargetModules = Targets(encoder) },
            PrefixOptions prefix => Learned(prefix.Tokens) with { EncoderWidth = backbone.Hidden, Projection = false },
            PromptOptions prompt => Learned(prompt.Tokens) with { PromptInit = "RANDOM" },
            _ => config,
        };

        PeftConfig Learned(int tokens) => config with
        {
            VirtualTokens = tokens,
            TokenWidth = backbone.Hidden,
            Submodules = 1,
            Heads = backbone.Heads,
            Layers = EncoderAnatomy.Of(backbone).Layers.Count,
        };

        JsonArray Targets(IEnumerable<TrainedTensor> tensors)
        {
            string[] chosen = [.. tensors.Select(t => names.Require(PeftLayout.SiteOf(t.Name))).Distinct()];
            return [.. PeftTargets.Of(chosen, [.. names.Paths.Values.Except(chosen)]).Select(t => (JsonNode?)t)];
        }

        JsonArray FeedForward() => Targets(encoder.Where(t => t.Name.EndsWith(".input.scale", StringComparison.Ordinal)));
    }

    static Difference Compare(Adapter written, IReadOnlyList<TrainedTensor> tensors) => tensors.Aggregate(new Difference(), (sum, tensor) =>
        sum.With(written.Tensors.FirstOrDefault(t => t.Name == tensor.Name && t.Shape.SequenceEqual(tensor.Shape))?.Values ?? [], tensor.Values));
}
