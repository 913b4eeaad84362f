namespace OrtPeft;

/// <summary>Adapters as members of a graph of several tasks.</summary>
static class AdapterTask
{
    /// <exception cref="OrtPeftException">Rows of other tasks cannot stand in one batch with those of this adapter, or it is damaged.</exception>
    internal static TaskMember Of(string name, Adapter adapter, Backbone backbone) => Find(adapter, backbone, out var reason)
        ?? throw new OrtPeftException($"The adapter '{name}' {reason}, so it cannot be merged with others. Leave it out, and export it alone with `ortpeft export`.");

    /// <summary>The member that an adapter is; null, and why, where it must run alone.</summary>
    internal static TaskMember? Find(Adapter adapter, Backbone backbone, out string? reason)
    {
        var (options, task) = (adapter.Method, LearningTasks.Restore(adapter.Info));
        reason = TaskMember.ReasonAgainst(options, task);
        return reason is null ? new TaskMember(options, options.Apply(backbone, task, seed: 0).With(adapter.Tensors), task) : null;
    }
}
