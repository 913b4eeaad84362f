using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Joins backbone, pooling and trained head into one model, writes it, and compares it with the adapter on random tokens or images.</summary>
static class OnnxExport
{
    const string LabelsKey = "labels";

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder)
    {
        RequireOneText(export);
        ModelFolder.RequireOther(folder, export.Backbone);
        var model = Join(export.Backbone, export.Tunable);
        AddLabels(model, export);
        var files = ModelFolder.Write(model, export.Backbone, folder);
        return (files, Compare(export, files[0]));
    }

    internal static void RequireOneText(AdapterExport export)
    {
        if (export.Tunable.TextsPerExample > 1)
            throw new OrtPeftException($"The task {export.Adapter.Info.Task?.Name} runs the backbone once for each text of a pair, which one model from token ids to scores cannot. Use --format ort-training, or predict.");
    }

    /// <summary>The whole model: text inputs to scores.</summary>
    internal static OnnxModel Join(Backbone backbone, TunableGraph tunable)
    {
        var (model, hidden, maskOf) = tunable.Encoder?.Fused(tunable.Tensors) ?? Frozen(LastLayers.Prefix(backbone, tunable.Layers));
        HeadGraph.RequireOpset(model);
        if (tunable.Artifacts is not null && tunable.Opset != model.Opset)
            throw new OrtPeftException($"The backbone has opset {model.Opset}, the head's artifacts have {tunable.Opset}. Export one of the two with the other's opset.");

        TrainedTensor[] ofHead = [.. tunable.HeadTensors];
        var head = HeadGraph.Inference(tunable with { Encoder = null, Tensors = ofHead, Opset = model.Opset }, tunable.Width(backbone.Hidden));
        head.Graph.Inputs.RemoveAll(i => ofHead.Any(t => t.Name == i.Name));
        head.Graph.Initializers.AddRange(ofHead.Select(t => OnnxTensor.FromFloats(t.Name, t.Values, [.. t.Shape])));

        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        var mask = maskOf(g, PooledFeatures.MaskOf(g, backbone, hidden));
        var connections = new Dictionary<string, string> { [HeadGraph.FeaturesInput] = PooledFeatures.InGraph(g, tunable.View, 1, hidden, mask), [HeadGraph.MaskInput] = mask };
        var names = g.Append(head, connections.Where(c => head.Graph.Inputs.Exists(i => i.Name == c.Key)).ToDictionary());
        g.Output(names[HeadGraph.ScoresOutput]);
        return model;
    }

    static (OnnxModel, string, Func<GraphBuilder, string, string>) Frozen(OnnxModel prefix) => (prefix, prefix.Graph.Outputs[0].Name, (_, textMask) => textMask);

    internal static void AddLabels(OnnxModel model, AdapterExport export) => model.Metadata[LabelsKey] = JsonSerializer.Serialize(export.Adapter.Info.Labels, Json.Compact);

    /// <summary>Runs a written model and the adapter on random tokens or images.</summary>
    /// <param name="export">The adapter.</param>
    /// <param name="path">The model.</param>
    /// <param name="active">What the run is to bring with it; null when all is in the model.</param>
    internal static Difference Compare(AdapterExport export, string path, OrtLoraAdapter? active = null)
    {
        using var exported = new ScoringSession(OrtSession.FromFile(path, intraOpThreads: 1), export.Backbone, active);
        using var alone = new AdapterScores(export.Adapter, export.Backbone);
        var random = new CounterRandom(0, "export");
        var longest = Math.Min(export.Adapter.Info.MaxLength, 24);
        var difference = new Difference();
        foreach (var lengths in new[] { new[] { longest }, [longest, 3, longest / 2], [3] })
        {
            var tokens = AdapterScores.RandomTokens(export.Backbone, random, lengths);
            difference = difference.With(exported.Scores(tokens), [.. alone.Of(tokens).SelectMany(s => s)]);
        }
        return difference;
    }
}
