using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Joins backbone, pooling and trained head into one model, writes it, and compares it with the adapter on random tokens or images.</summary>
static class OnnxExport
{
    const string ModelFile = "model.onnx", LabelsKey = "labels";

    /// <summary>Files of a model folder that belong to any model made of it.</summary>
    static readonly string[] Companions =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json", "vocab.txt", "vocab.json", "merges.txt",
            "spiece.model", "spm.model", "sentencepiece.bpe.model", "tokenizer.model", PreprocessorConfig.FileName];

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder)
    {
        var (backbone, path) = (export.Backbone, Path.Combine(folder, ModelFile));
        if (export.Tunable.TextsPerExample > 1)
            throw new OrtPeftException($"The task {export.Adapter.Info.Task?.Name} runs the backbone once for each text of a pair, which one model from token ids to scores cannot. Use --format ort-training, or predict.");
        if (Path.GetFullPath(path) == Path.GetFullPath(backbone.ModelPath))
            throw new OrtPeftException($"'{folder}' is the folder of the backbone itself; choose another one.");
        var model = Merge(export);
        Directory.CreateDirectory(folder);
        model.Save(path);
        var files = new List<string> { path };
        if (File.Exists(path + ".data"))
            files.Add(path + ".data");
        var source = Directory.Exists(backbone.Path) ? backbone.Path : Path.GetDirectoryName(Path.GetFullPath(backbone.Path))!;
        foreach (var name in Companions.Where(name => File.Exists(Path.Combine(source, name))))
        {
            using var file = File.OpenRead(Path.Combine(source, name));
            AtomicFile.Write(Path.Combine(folder, name), file.CopyTo);
            files.Add(Path.Combine(folder, name));
        }
        return (files, Compare(export, path, model.Graph.Outputs[0].Name));
    }

    static OnnxModel Merge(AdapterExport export)
    {
        var (backbone, tunable) = (export.Backbone, export.Tunable);
        var (model, hidden, maskOf) = tunable.Encoder?.Fused(tunable.Tensors) ?? Frozen(LastLayers.Prefix(backbone, tunable.Layers));
        if (model.Opset < HeadGraph.Opset && !OpsetUpgrade.ToLayerNormalization(model).Applied)
            throw new OrtPeftException($"The backbone has opset {model.Opset}; a head can be joined to opset 13 or later. Export the backbone with a newer opset.");
        if (tunable.Artifacts is not null && tunable.Opset != model.Opset)
            throw new OrtPeftException($"The backbone has opset {model.Opset}, the head's artifacts have {tunable.Opset}. Export one of the two with the other's opset.");

        var inEncoder = tunable.Encoder?.Tensors.Select(t => t.Name).ToHashSet() ?? [];
        TrainedTensor[] ofHead = [.. tunable.Tensors.Where(t => !inEncoder.Contains(t.Name))];
        var head = HeadGraph.Inference(tunable with { Encoder = null, Tensors = ofHead, Opset = model.Opset }, tunable.Width(backbone.Hidden));
        head.Graph.Inputs.RemoveAll(i => ofHead.Any(t => t.Name == i.Name));
        head.Graph.Initializers.AddRange(ofHead.Select(t => OnnxTensor.FromFloats(t.Name, t.Values, [.. t.Shape])));

        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        var mask = maskOf(g, backbone.TextInputs.FirstOrDefault(i => backbone.RoleOf(i) == TextInputRole.Mask) is { } input && model.Graph.Inputs.Exists(i => i.Name == input)
            ? g.Cast(input, OnnxType.Float) : PooledFeatures.Ones(g, hidden));
        var connections = new Dictionary<string, string> { [HeadGraph.FeaturesInput] = PooledFeatures.InGraph(g, tunable.View, 1, hidden, mask), [HeadGraph.MaskInput] = mask };
        var names = g.Append(head, connections.Where(c => head.Graph.Inputs.Exists(i => i.Name == c.Key)).ToDictionary());
        g.Output(names[HeadGraph.ScoresOutput]);
        model.Metadata[LabelsKey] = JsonSerializer.Serialize(export.Adapter.Info.Labels, Json.Compact);
        return model;
    }

    static (OnnxModel, string, Func<GraphBuilder, string, string>) Frozen(OnnxModel prefix) => (prefix, prefix.Graph.Outputs[0].Name, (_, textMask) => textMask);

    static Difference Compare(AdapterExport export, string path, string scores)
    {
        var backbone = export.Backbone;
        using var head = new TrainedHead(export.Adapter, backbone);
        using var encoder = head.Encoder is null ? new FrozenEncoder(backbone, new ExecutionOptions { Threads = 1 }, head.Layers) : null;
        var width = export.Tunable.Width(backbone.Hidden);
        using var session = OrtSession.FromFile(path, intraOpThreads: 1);
        using var runOptions = new RunOptions();
        var random = new CounterRandom(0, "export");
        var longest = Math.Min(export.Adapter.Info.MaxLength, 24);
        var difference = new Difference();
        foreach (var lengths in new[] { new[] { longest }, [longest, 3, longest / 2], [3] })
        {
            var tokens = lengths.Select(l => Random(backbone, random, l)).ToArray();
            var expected = Array.Empty<float>();
            if (head.Encoder is { } tuned)
            {
                using var batch = new EncodedBatch(backbone, tuned, [.. Enumerable.Range(0, tokens.Length)], tokens);
                expected = [.. head.Run(batch).SelectMany(s => s)];
            }
            encoder?.Run(tokens, (hidden, length) =>
            {
                using var batch = new FeatureBatch([.. Enumerable.Range(0, tokens.Length)], length, width, head.View);
                for (var row = 0; row < tokens.Length; row++)
                    batch.SetExample(row, hidden.Slice(row * length * width, tokens[row].Length * width));
                expected = [.. head.Run(batch).SelectMany(s => s)];
            });
            difference = difference.With(Scores(session, runOptions, backbone, tokens, scores), expected);
        }
        return difference;
    }

    /// <summary>Random tokens, or an image of random grey levels.</summary>
    static TokenIds Random(Backbone backbone, CounterRandom random, int length)
    {
        const int Side = 32;
        if (backbone.Images is null)
            return new TokenIds([.. Enumerable.Range(0, length).Select(_ => random.NextInt32(backbone.RequireTokenizer().VocabularySize))]);
        float[] levels = [.. Enumerable.Range(0, Side * Side).Select(_ => (float)random.NextInt32(256))];
        return backbone.Read(new Example { Id = "", Image = ImageSource.FromPixels(levels, Side, Side) }, length);
    }

    static OrtValue Pixels(ImagePreparation preparation, TokenIds[] images)
    {
        var values = new float[images.Length * preparation.Count];
        for (var i = 0; i < images.Length; i++)
            preparation.Prepare(images[i].Image!, values.AsSpan(i * preparation.Count));
        return OrtValue.CreateTensorValueFromMemory(values, [images.Length, preparation.Channels, preparation.Result.Height, preparation.Result.Width]);
    }

    static float[] Scores(InferenceSession session, RunOptions runOptions, Backbone backbone, TokenIds[] tokens, string scores)
    {
        var length = tokens.Max(t => t.Length);
        var feeds = session.InputNames.ToDictionary(name => name, name =>
        {
            var role = backbone.RoleOf(name);
            if (role == TextInputRole.Pixels)
                return Pixels(backbone.Images!.RequirePreparation(), tokens);
            var values = tokens.SelectMany(t => Enumerable.Range(0, length).Select(i => i < t.Length
                ? role switch { TextInputRole.Ids => t.Ids[i], TextInputRole.Mask => 1L, _ => 0L }
                : role == TextInputRole.Ids ? backbone.RequireTokenizer().PadId : 0L)).ToArray();
            return OrtValue.CreateTensorValueFromMemory(values, [tokens.Length, length]);
        });
        try
        {
            using var outputs = session.Run(runOptions, feeds, [scores]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var value in feeds.Values)
                value.Dispose();
        }
    }
}
