using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrtPeft;

/// <summary>How far long work is: moving bars on a terminal, a few plain lines a minute elsewhere. Both go to stderr.</summary>
sealed class ProgressDisplay(Output output)
{
    /// <summary>Time between two plain lines.</summary>
    internal static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(15);

    readonly Lock _gate = new();
    readonly Stopwatch _sinceLine = Stopwatch.StartNew();
    readonly Dictionary<string, ProgressTask> _tasks = [];
    ProgressContext? _bars;

    /// <summary>Runs <paramref name="work"/> with bars, if there can be any.</summary>
    internal async Task<T> ShowAsync<T>(Func<Task<T>> work)
    {
        if (!output.IsLive)
            return await work().ConfigureAwait(false);
        return await output.Errors.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ShareColumn(), new DetailColumn())
            .StartAsync(async bars =>
            {
                _bars = bars;
                try
                {
                    return await work().ConfigureAwait(false);
                }
                finally
                {
                    _bars = null;
                    foreach (var task in _tasks.Values)
                        task.StopTask();
                    _tasks.Clear();
                }
            }).ConfigureAwait(false);
    }

    /// <summary>Moves the bar called <paramref name="name"/>, or says a line if the last one is at least <paramref name="interval"/> ago.</summary>
    /// <param name="name">The kind of work.</param>
    /// <param name="done">How much is done.</param>
    /// <param name="total">How much there is; 0 when nobody knows.</param>
    /// <param name="detail">More about it.</param>
    /// <param name="interval">Least time since the last plain line.</param>
    internal void Show(string name, double done, double total, string detail, TimeSpan interval)
    {
        lock (_gate)
        {
            if (_bars != null)
            {
                if (!_tasks.TryGetValue(name, out var task))
                    _tasks.Add(name, task = _bars.AddTask(name, maxValue: Math.Max(1, total)));
                task.IsIndeterminate = total == 0;
                task.Value = done;
                task.State.Update<Detail>(nameof(Detail), _ => new Detail(detail));
            }
            else if (_sinceLine.Elapsed >= interval)
            {
                output.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: {(total == 0 ? "" : $"{done / total:P0}, ")}{detail}"));
                _sinceLine.Restart();
            }
        }
    }

    /// <summary>A sentence above the bars.</summary>
    internal void Say(string sentence)
    {
        lock (_gate)
            output.Say(sentence);
    }

    /// <summary>Percent done, where that is known.</summary>
    sealed class ShareColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.IsIndeterminate ? "" : string.Create(CultureInfo.InvariantCulture, $"{task.Percentage,3:F0} %"), Style.Plain);

        public override int? GetColumnWidth(RenderOptions options) => 5;
    }

    sealed class DetailColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.State.Get<Detail>(nameof(Detail)).Text ?? "", Style.Plain);
    }

    readonly record struct Detail(string Text);
}
