namespace OrtPeft;

/// <summary>One task of a merged model, as `tasks.json` and the model's metadata list it.</summary>
/// <param name="Id">Its `task_id`.</param>
/// <param name="Name">The adapter's name.</param>
/// <param name="Method">The method that trained it.</param>
/// <param name="Task">What it answers, and how scores become answers.</param>
/// <param name="Labels">The labels in the order of the scores; none where answers are numbers.</param>
/// <param name="Outputs">How many of the scores are its own; those behind them are -1e9, or 0 where answers are numbers.</param>
public sealed record MergedTask(int Id, string Name, string Method, TaskInfo Task, IReadOnlyList<string> Labels, int Outputs);
