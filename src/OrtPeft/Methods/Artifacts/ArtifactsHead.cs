using System.Text.Json;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Reads artifacts as a method: the evaluation model, cut at the scores, is forward pass and loss.</summary>
static class ArtifactsHead
{
    /// <summary>Checkpoint property that holds the labels in the order of the scores, as a JSON list; our exports have it.</summary>
    internal const string LabelsProperty = "labels";

    internal static TunableGraph Graph(OrtArtifacts artifacts, PoolingKind pooling, int width, IReadOnlyList<string> labels)
    {
        var inputs = ArtifactInputs.Of(artifacts);
        Check(artifacts, inputs, width, labels);
        var model = artifacts.EvalModel.Copy();
        OpsetUpgrade.ToLayerNormalization(model);
        var forward = GraphCut.Prefix(model, [inputs.Scores.Name]);
        var loss = GraphCut.Between(model, [inputs.Scores.Name], [artifacts.Loss]);
        return new TunableGraph
        {
            View = inputs.ReadsTokens ? FeatureView.Tokens : pooling == PoolingKind.Mean ? FeatureView.Mean : FeatureView.Cls,
            Tensors = [.. artifacts.Trainable.Select(t => new TrainedTensor(t.Name, t.Dims, t.ToFloats()))],
            Forward = head => Inline(head.Builder, forward)[inputs.Scores.Name],
            Loss = (g, scores, oneHot, _) => Inline(g, loss, scores, oneHot)[artifacts.Loss],
            Opset = model.Opset,
            Artifacts = artifacts,
        };

        IReadOnlyDictionary<string, string> Inline(GraphBuilder g, OnnxModel part, string scores = "", string oneHot = "") =>
            g.Append(part, part.Graph.Inputs.ToDictionary(i => i.Name, i => Source(g, i, scores, oneHot)));

        string Source(GraphBuilder g, OnnxValueInfo input, string scores, string oneHot)
        {
            if (input.Name == inputs.Scores.Name)
                return scores;
            if (input.Name == inputs.Features.Name)
                return HeadGraph.FeaturesInput;
            if (input.Name == inputs.Mask?.Name)
                return g.Cast(HeadGraph.MaskInput, input.ElementType);
            if (input.Name == inputs.Labels.Name)
                return g.Node("ArgMax", [oneHot], new OnnxAttribute("axis", 1), new OnnxAttribute("keepdims", 0));
            var frozen = artifacts.Checkpoint.Frozen.FirstOrDefault(t => t.Name == input.Name);
            return frozen is null || g.Model.Graph.Initializer(frozen.Name) is not null ? input.Name : g.Initializer(frozen);
        }
    }

    static void Check(OrtArtifacts artifacts, ArtifactInputs inputs, int width, IReadOnlyList<string> labels)
    {
        if (artifacts.Checkpoint.IsNominal)
            throw new OrtPeftException($"the {ArtifactNames.Checkpoint} is a nominal one: it holds names, but no values to train from. Use the full checkpoint.");
        if (inputs.Features.Shape![^1] is { IsKnown: true } features && features.Value != width)
            throw new OrtPeftException($"they take features of width {features.Value}; the backbone's have {width}. Use the backbone they were made for.");
        if (ShapeInference.Infer(artifacts.EvalModel)[inputs.Scores.Name].Shape is [_, { IsKnown: true } classes] && classes.Value != labels.Count)
            throw new OrtPeftException($"they score {classes.Value} labels; the data have {labels.Count}: {string.Join(", ", labels)}.");
        if (artifacts.Checkpoint.Properties.GetValueOrDefault(LabelsProperty) is string json && Labels(json) is { } own && !own.SequenceEqual(labels))
            throw new OrtPeftException($"their labels are {string.Join(", ", own)}; the data have {string.Join(", ", labels)}.");
    }

    static string[]? Labels(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            return null; // somebody else's property of that name
        }
    }
}
