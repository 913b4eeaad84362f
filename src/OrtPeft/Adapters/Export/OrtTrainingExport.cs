using System.Text.Json;

namespace OrtPeft;

/// <summary>Writes ONNX Runtime training artifacts, reads them again, and compares scores, loss and gradients.</summary>
static class OrtTrainingExport
{
    const int Examples = 6, Length = 5;

    internal static (IReadOnlyList<string>, Difference) Write(AdapterExport export, string folder, ArtifactOptimizer optimizer)
    {
        var info = export.Adapter.Info;
        var built = ArtifactBuilder.Build(export.Tunable, export.Tunable.Width(export.Backbone.Hidden), info.Labels.Count, optimizer);
        var properties = new Dictionary<string, object>
        {
            ["method"] = info.Method,
            [ArtifactsHead.LabelsProperty] = JsonSerializer.Serialize(info.Labels, Json.Compact),
        };
        var files = (built with { Checkpoint = built.Checkpoint with { Properties = properties } }).Save(folder);
        return (files, Compare(export, OrtArtifacts.Load(folder)));
    }

    static Difference Compare(AdapterExport export, OrtArtifacts written)
    {
        var execution = new ExecutionOptions { Threads = 1 };
        using var head = new TrainedHead(export.Adapter, export.Backbone);
        using var batch = RandomBatch(head, export.Tunable.Width(export.Backbone.Hidden));
        using var session = new StockTrainingSession(written, execution);
        var inputs = ArtifactInputs.Of(written).Values(batch);
        try
        {
            var scores = session.EvalStep(inputs)[1];
            var difference = new Difference().With(scores, [.. head.Run(batch).SelectMany(s => s)]);
            var loss = session.TrainStep(inputs);
            if (!float.IsFinite(loss))
                return new Difference(double.NaN, 1);
            // Dropout makes the training model another function than the evaluation model.
            if (written.TrainingModel.Graph.Nodes.Exists(n => n.OpType == "RandomUniformLike"))
                return difference;
            using var evaluation = new StockTrainingSession(written, execution, anew: true);
            evaluation.TrainStep(inputs);
            return session.Gradients.Aggregate(difference, (sum, g) => sum.With(g.Value, evaluation.Gradients[g.Key]));
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    static FeatureBatch RandomBatch(TrainedHead head, int width)
    {
        var random = new CounterRandom(0, "export");
        var batch = new FeatureBatch([.. Enumerable.Range(0, Examples)], head.View == FeatureView.Tokens ? Length : 1, width, head.View);
        for (var row = 0; row < Examples; row++)
        {
            var tokens = 1 + row % Length;
            batch.SetExample(row, [.. Enumerable.Range(0, tokens * width).Select(_ => (float)random.NextNormal())]);
            batch.Labels[row] = row % head.Task.Outputs;
        }
        return batch;
    }
}
