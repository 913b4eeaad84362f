using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Joins backbone, pooling and trained head into one model, writes it, and compares it with the adapter on random tokens.</summary>
static class OnnxExport
{
    const string LabelsKey = "labels";

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder)
    {
        RequireOneText(export);
        var model = Merge(export);
        var files = ModelFolder.Write(model, export.Backbone, folder);
        return (files, Compare(export, files[0], model.Graph.Outputs[0].Name));
    }

    internal static void RequireOneText(AdapterExport export)
    {
        if (export.Tunable.TextsPerExample > 1)
            throw new OrtPeftException($"The task {export.Adapter.Info.Task?.Name} runs the backbone once for each text of a pair, which one model from token ids to scores cannot. Use --format ort-training, or predict.");
    }

    static OnnxModel Merge(AdapterExport export)
    {
        var (backbone, tunable) = (export.Backbone, export.Tunable);
        var (model, hidden, maskOf) = tunable.Encoder?.Fused(tunable.Tensors)
            ?? (GraphCut.Prefix(backbone.Model, [backbone.LastHiddenState]), backbone.LastHiddenState, (_, textMask) => textMask);
        if (model.Opset < HeadGraph.Opset && !OpsetUpgrade.ToLayerNormalization(model).Applied)
            throw new OrtPeftException($"The backbone has opset {model.Opset}; a head can be joined to opset 13 or later. Export the backbone with a newer opset.");
        if (tunable.Artifacts is not null && tunable.Opset != model.Opset)
            throw new OrtPeftException($"The backbone has opset {model.Opset}, the head's artifacts have {tunable.Opset}. Export one of the two with the other's opset.");

        var inEncoder = tunable.Encoder?.Tensors.Select(t => t.Name).ToHashSet() ?? [];
        TrainedTensor[] ofHead = [.. tunable.Tensors.Where(t => !inEncoder.Contains(t.Name))];
        var head = HeadGraph.Inference(tunable with { Encoder = null, Tensors = ofHead, Opset = model.Opset }, backbone.Hidden);
        head.Graph.Inputs.RemoveAll(i => ofHead.Any(t => t.Name == i.Name));
        head.Graph.Initializers.AddRange(ofHead.Select(t => OnnxTensor.FromFloats(t.Name, t.Values, [.. t.Shape])));

        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        var mask = maskOf(g, backbone.TextInputs.FirstOrDefault(i => backbone.RoleOf(i) == TextInputRole.Mask) is { } input && model.Graph.Inputs.Exists(i => i.Name == input)
            ? g.Cast(input, OnnxType.Float) : PooledFeatures.Ones(g, hidden));
        var connections = new Dictionary<string, string> { [HeadGraph.FeaturesInput] = PooledFeatures.InGraph(g, tunable.View, 1, hidden, mask), [HeadGraph.MaskInput] = mask };
        var names = g.Append(head, connections.Where(c => head.Graph.Inputs.Exists(i => i.Name == c.Key)).ToDictionary());
        g.Output(names[HeadGraph.ScoresOutput]);
        AddLabels(model, export);
        return model;
    }

    internal static void AddLabels(OnnxModel model, AdapterExport export) => model.Metadata[LabelsKey] = JsonSerializer.Serialize(export.Adapter.Info.Labels, Json.Compact);

    /// <summary>Runs a written model and the adapter on random tokens.</summary>
    /// <param name="export">The adapter.</param>
    /// <param name="path">The model.</param>
    /// <param name="scores">Its output.</param>
    /// <param name="active">What the run is to bring with it; null when all is in the model.</param>
    internal static Difference Compare(AdapterExport export, string path, string scores, OrtLoraAdapter? active = null)
    {
        var backbone = export.Backbone;
        using var head = new TrainedHead(export.Adapter, backbone);
        using var encoder = head.Encoder is null ? new FrozenEncoder(backbone, new ExecutionOptions { Threads = 1 }) : null;
        using var session = OrtSession.FromFile(path, intraOpThreads: 1);
        using var runOptions = new RunOptions();
        if (active is not null)
            runOptions.AddActiveLoraAdapter(active);
        var random = new CounterRandom(0, "export");
        var longest = Math.Min(export.Adapter.Info.MaxLength, 24);
        var difference = new Difference();
        foreach (var lengths in new[] { new[] { longest }, [longest, 3, longest / 2], [3] })
        {
            var tokens = lengths.Select(l => new TokenIds([.. Enumerable.Range(0, l).Select(_ => random.NextInt32(backbone.RequireTokenizer().VocabularySize))])).ToArray();
            var expected = Array.Empty<float>();
            if (head.Encoder is { } tuned)
            {
                using var batch = new EncodedBatch(backbone, tuned, [.. Enumerable.Range(0, tokens.Length)], tokens);
                expected = [.. head.Run(batch).SelectMany(s => s)];
            }
            encoder?.Run(tokens, (hidden, length) =>
            {
                using var batch = new FeatureBatch([.. Enumerable.Range(0, tokens.Length)], length, backbone.Hidden, head.View);
                for (var row = 0; row < tokens.Length; row++)
                    batch.SetExample(row, hidden.Slice(row * length * backbone.Hidden, tokens[row].Length * backbone.Hidden));
                expected = [.. head.Run(batch).SelectMany(s => s)];
            });
            difference = difference.With(Scores(session, runOptions, backbone, tokens, scores), expected);
        }
        return difference;
    }

    static float[] Scores(InferenceSession session, RunOptions runOptions, Backbone backbone, TokenIds[] tokens, string scores)
    {
        var length = tokens.Max(t => t.Length);
        var feeds = session.InputNames.ToDictionary(name => name, name =>
        {
            var role = backbone.RoleOf(name);
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
