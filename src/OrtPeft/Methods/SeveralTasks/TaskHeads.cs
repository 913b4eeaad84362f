using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The linear heads of several tasks as one: weights [tasks, width, outputs] and biases [tasks, 1, outputs], of which every row takes its own task's;
/// outputs that a task does not have are filled up.
/// </summary>
sealed class TaskHeads(GraphBuilder g, (FeatureView View, bool UnitLength)[] features, string taskId)
{
    const string Weight = "heads.weight", Bias = "heads.bias", Features = "heads.features";

    /// <summary>A score that is no answer: after softmax or sigmoid it is 0.</summary>
    const float Missing = -1e9f;

    /// <summary>What of it belongs to the tasks.</summary>
    internal IReadOnlyList<TaskStack> Stacks =>
        [new(Weight, Weights), new(Bias, Biases), .. features.Length > 1 ? new TaskStack[] { new(Features, m => OnnxTensor.FromInt64s(Features, [.. m.Select(FeaturesOf)], m.Count, 1)) } : []];

    /// <summary>Scores [rows, outputs] from hidden states [rows, sequence, width] and mask [rows, sequence].</summary>
    internal string Scores(string hidden, string mask)
    {
        var weight = g.Gather(g.Input(Weight, OnnxType.Float, "tasks", g.ShapeOf(hidden)[^1], "outputs"), taskId);
        var bias = g.Gather(g.Input(Bias, OnnxType.Float, "tasks", 1, "outputs"), taskId);
        return g.Squeeze(g.Add(g.MatMul(g.Unsqueeze(Pooled(hidden, mask), 1), weight), bias), 1);
    }

    /// <summary>What each row's task reads of its hidden states: [rows, width].</summary>
    string Pooled(string hidden, string mask)
    {
        string[] all = [.. features.Select(f =>
        {
            var pooled = PooledFeatures.InGraph(g, f.View, 1, hidden, mask);
            return f.UnitLength ? PooledFeatures.UnitLength(g, pooled) : pooled;
        })];
        return all is [var only] ? only : g.Node("GatherND",
            [g.Concat(1, [.. all.Select(f => g.Unsqueeze(f, 1))]), g.Gather(g.Input(Features, OnnxType.Int64, "tasks", 1), taskId)], new OnnxAttribute("batch_dims", 1));
    }

    long FeaturesOf(TaskMember member) => Array.IndexOf(features, member.Features);

    static OnnxTensor Weights(IReadOnlyList<TaskMember> members)
    {
        var (width, outputs) = ((int)members[0].Tensor(OutputLayer.Weight).Shape[1], Outputs(members));
        var values = new float[members.Count * width * outputs];
        for (var task = 0; task < members.Count; task++)
        {
            var weight = members[task].Tensor(OutputLayer.Weight);
            for (var output = 0; output < members[task].Task.Outputs; output++)
            {
                // Ordered levels have one direction in common.
                var row = weight.Shape[0] == 1 ? 0 : output;
                for (var i = 0; i < width; i++)
                    values[(task * width + i) * outputs + output] = weight.Values[row * width + i];
            }
        }
        return OnnxTensor.FromFloats(Weight, values, members.Count, width, outputs);
    }

    static OnnxTensor Biases(IReadOnlyList<TaskMember> members)
    {
        var outputs = Outputs(members);
        return OnnxTensor.FromFloats(Bias, [.. members.SelectMany(m =>
            m.Tensor(OutputLayer.Bias).Values.Concat(Enumerable.Repeat(m.Task.Labels.Count > 0 ? Missing : 0, outputs - m.Task.Outputs)))], members.Count, 1, outputs);
    }

    static int Outputs(IReadOnlyList<TaskMember> members) => members.Max(m => m.Task.Outputs);
}
