using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The graph of several tasks: text inputs, `task_id` [rows] and the stacks to `scores` [rows, outputs]. The hooks of each method, with each set of
/// options, are written once, over the stacks of its tasks; tasks of other methods have neutral values there.
/// </summary>
sealed class MergedGraph
{
    readonly OnnxModel _model;
    readonly HashSet<EncoderMethodOptions> _groups;
    readonly (FeatureView View, bool UnitLength)[] _features;

    internal MergedGraph(Backbone backbone, IReadOnlyList<TaskMember> members)
    {
        _groups = [.. members.Select(m => m.Group).OfType<EncoderMethodOptions>()];
        _features = [.. members.Select(m => m.Features).Distinct()];
        var scope = HookScope.OverTasks(backbone);
        foreach (var (index, options) in _groups.Index())
            scope.HookTasks(new TaskGroup($"group.{index}", options, members.First(m => options.Equals(m.Group)).Tunable.Encoder!.Hook));
        scope.Finish();
        _model = GraphCut.Prefix(scope.Graph.Model, [scope.Hidden]);
        HeadGraph.RequireOpset(_model);
        _model.Graph.Outputs.Clear();
        var g = GraphBuilder.Edit(_model);
        var heads = new TaskHeads(g, _features, TaskStacks.Declare(g, backbone));
        g.Output(heads.Scores(scope.Hidden, PooledFeatures.MaskOf(g, backbone, scope.Hidden)), HeadGraph.ScoresOutput);
        Stacks = [.. scope.Stacks, .. heads.Stacks];
    }

    /// <summary>Text inputs, task ids and stacks to scores.</summary>
    internal OnnxModel Model => _model;

    /// <summary>The inputs that hold the trained tensors of all tasks.</summary>
    internal IReadOnlyList<TaskStack> Stacks { get; }

    /// <summary>Whether a task's method, with its options, is in the graph, so that its tensors are all it takes.</summary>
    internal bool Fits(TaskMember member) => (member.Group is null || _groups.Contains(member.Group)) && _features.Contains(member.Features);

    /// <summary>A model for these tasks alone: the stacks are constants in it. The graph is used up.</summary>
    internal OnnxModel With(IReadOnlyList<TaskMember> members)
    {
        foreach (var stack in Stacks)
        {
            _model.Graph.Inputs.RemoveAll(i => i.Name == stack.Name);
            _model.Graph.Initializers.Add(stack.Of(members));
        }
        var scores = _model.Graph.Outputs[0];
        _model.Graph.Outputs[0] = new OnnxValueInfo(scores.Name, scores.ElementType, [scores.Shape![0], members.Max(m => m.Task.Outputs)]);
        return _model;
    }
}
