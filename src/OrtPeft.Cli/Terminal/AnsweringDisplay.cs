using System.Diagnostics;

namespace OrtPeft;

/// <summary>Counts the texts that a predictor has answered.</summary>
/// <param name="output">Where to show it.</param>
/// <param name="total">How many there are; null when that shows only at the end.</param>
sealed class AnsweringDisplay(Output output, int? total) : IProgress<int>
{
    readonly ProgressDisplay _display = new(output);
    readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Runs <paramref name="work"/> with this display on.</summary>
    internal Task<T> ShowAsync<T>(Func<T> work) => _display.ShowAsync(() => Task.Run(work));

    public void Report(int value)
    {
        var rate = $"{Measures.Number(value / Math.Max(_watch.Elapsed.TotalSeconds, 1e-3))} texts/s";
        if (total is { } all)
            _display.Show("Answering", value, all, $"{Measures.Count(value)} of {Measures.Count(all)} examples, {rate}, {Measures.Left(_watch.Elapsed, value, all)}", ProgressDisplay.LineInterval);
        else
            _display.Show("Answering", done: 0, total: 0, $"{Measures.Count(value)} examples, {rate}", ProgressDisplay.LineInterval);
    }
}
