using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The linear heads of several tasks as one: weights [tasks, width, outputs] and biases [tasks, 1, outputs], of which every row takes its own task's;
/// outputs that a task does not have are filled up.
/// </summary>
static class TaskHeads
{
    /// <summary>A score that is no answer: after softmax or sigmoid it is 0.</summary>
    const float Missing = -1e9f;

    /// <summary>Scores [rows, outputs] from hidden states [rows, sequence, width] and mask [rows, sequence].</summary>
    internal static string Scores(GraphBuilder g, IReadOnlyList<MergeMember> members, string hidden, string mask, string taskId)
    {
        var (width, outputs) = ((int)g.ShapeOf(hidden)[^1].Value, members.Max(m => m.Task.Outputs));
        var (weights, biases) = (new float[members.Count * width * outputs], new float[members.Count * outputs]);
        for (var task = 0; task < members.Count; task++)
            Fill(members[task], weights.AsSpan(task * width * outputs, width * outputs), biases.AsSpan(task * outputs, outputs));
        var weight = g.Gather(g.Initializer(OnnxTensor.FromFloats("heads.weight", weights, members.Count, width, outputs)), taskId);
        var bias = g.Gather(g.Initializer(OnnxTensor.FromFloats("heads.bias", biases, members.Count, 1, outputs)), taskId);
        var features = g.Unsqueeze(Features(g, members, hidden, mask, taskId), 1);
        return g.Squeeze(g.Add(g.MatMul(features, weight), bias), 1);
    }

    static void Fill(MergeMember member, Span<float> weights, Span<float> biases)
    {
        var (weight, bias) = (member.Tensor(OutputLayer.Weight), member.Tensor(OutputLayer.Bias));
        var (count, outputs, width) = (member.Task.Outputs, biases.Length, (int)weight.Shape[1]);
        biases.Fill(member.Task.Labels.Count > 0 ? Missing : 0);
        bias.Values.CopyTo(biases);
        for (var output = 0; output < count; output++)
        {
            // Ordered levels have one direction in common.
            var row = weight.Shape[0] == 1 ? 0 : output;
            for (var i = 0; i < width; i++)
                weights[i * outputs + output] = weight.Values[row * width + i];
        }
    }

    /// <summary>What each row's task reads of its hidden states: [rows, width].</summary>
    static string Features(GraphBuilder g, IReadOnlyList<MergeMember> members, string hidden, string mask, string taskId)
    {
        var kinds = members.Select(m => (m.Tunable.View, m.Tunable.UnitLength)).Distinct().ToArray();
        string[] features = [.. kinds.Select(kind =>
        {
            var pooled = PooledFeatures.InGraph(g, kind.View, 1, hidden, mask);
            return kind.UnitLength ? PooledFeatures.UnitLength(g, pooled) : pooled;
        })];
        if (features is [var only])
            return only;
        long[] kindOf = [.. members.Select(m => (long)Array.IndexOf(kinds, (m.Tunable.View, m.Tunable.UnitLength)))];
        var all = g.Concat(1, [.. features.Select(f => g.Unsqueeze(f, 1))]);
        var chosen = g.Gather(g.Initializer(OnnxTensor.FromInt64s("heads.features", kindOf, kindOf.Length, 1)), taskId);
        return g.Node("GatherND", [all, chosen], new OnnxAttribute("batch_dims", 1));
    }
}
