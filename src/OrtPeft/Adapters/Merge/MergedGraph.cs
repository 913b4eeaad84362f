using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The graph of several tasks: text inputs and `task_id` [rows] to `scores` [rows, outputs]. The hooks of each method, with each set of options, are
/// written once, over the stacks of its tasks; tasks of other methods have neutral values there.
/// </summary>
static class MergedGraph
{
    internal static OnnxModel Build(Backbone backbone, IReadOnlyList<MergeMember> members)
    {
        var scope = HookScope.OverTasks(backbone, members.Count);
        foreach (var group in Groups(members))
            scope.HookTasks(group);
        scope.Finish();
        var model = GraphCut.Prefix(scope.Graph.Model, [scope.Hidden]);
        ModelFolder.RequireOpset(model);
        model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(model);
        g.Output(TaskHeads.Scores(g, members, scope.Hidden, PooledFeatures.MaskOf(g, backbone, scope.Hidden), TaskStacks.Declare(g, backbone)), HeadGraph.ScoresOutput);
        return model;
    }

    static IEnumerable<TaskGroup> Groups(IReadOnlyList<MergeMember> members) => members.Select((member, task) => (member.Group, member.Tunable, Task: task))
        .Where(m => m.Group is not null)
        .GroupBy(m => m.Group)
        .Select((group, index) => group.First().Tunable.Encoder!.Group($"group.{index}",
            group.ToDictionary(m => m.Task, m => (IReadOnlyDictionary<string, TrainedTensor>)m.Tunable.Tensors.ToDictionary(t => t.Name))));
}
