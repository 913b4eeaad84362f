using System.Diagnostics;
using System.Globalization;

namespace OrtPeft;

/// <summary>Puts the progress of caching and training into words.</summary>
sealed class TuningDisplay(Output output) : IProgress<TuningProgress>
{
    static readonly TimeSpan EpochInterval = TimeSpan.FromSeconds(5);

    const long WorthALine = 100_000;

    readonly ProgressDisplay _display = new(output);
    readonly Stopwatch _sinceFirstStep = new();
    long _firstStep;

    /// <summary>Runs <paramref name="work"/> with this display on.</summary>
    internal Task<T> ShowAsync<T>(Func<Task<T>> work)
    {
        _sinceFirstStep.Reset();
        return _display.ShowAsync(work);
    }

    /// <summary>The same display for a caching job alone.</summary>
    internal IProgress<FeatureProgress> Caching() => new CachingOnly(this);

    public void Report(TuningProgress value)
    {
        if ((value.Notice ?? value.Features?.Notice ?? value.Training?.Notice) is { } notice)
            _display.Say(notice);
        else if (value.Features?.Estimate is { } estimate)
            Say(estimate);
        else if (value.Features is { } features)
            Show(features);
        else if (value.Training is { Finished: { } epoch } ended)
            Show(ended, Epoch(ended, epoch), epoch.Epoch == ended.Epochs ? TimeSpan.Zero : EpochInterval);
        else if (value.Training is { } training)
            Show(training, Step(training), ProgressDisplay.LineInterval);
    }

    /// <summary>What it is going to cost, where that is worth a line.</summary>
    void Say(FeatureEstimate estimate)
    {
        if (estimate.Tokens < WorthALine)
            return;
        var minutes = estimate.Minutes is { } m ? $", about {Measures.Number(m)} minutes" : "";
        _display.Say($"To compute: {Measures.Count(estimate.Examples)} examples, about {Measures.Count(estimate.Tokens)} tokens, {Measures.Bytes(estimate.Bytes)}{minutes}.");
    }

    void Show(FeatureProgress p)
    {
        var rate = p.Tokens / Math.Max(p.Elapsed.TotalSeconds, 1e-3);
        var detail = $"{Measures.Count(p.Examples)} of {Measures.Count(p.TotalExamples)} examples, {Measures.Number(rate)} tokens/s, {Measures.Left(p.Elapsed, p.Tokens, p.TotalTokens)}";
        _display.Show("Caching features", p.Tokens, p.TotalTokens, detail, p.Tokens == p.TotalTokens ? TimeSpan.Zero : ProgressDisplay.LineInterval);
    }

    void Show(TrainingProgress p, string detail, TimeSpan interval) => _display.Show("Training", p.Step, p.TotalSteps, detail, interval);

    static string Epoch(TrainingProgress p, EpochResult epoch) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {epoch.Epoch} of {p.Epochs}: loss {epoch.Loss:F4}, dev loss {epoch.DevLoss:F4}, dev {Metric(epoch)}, {epoch.Seconds:F1} s");

    /// <summary>Macro-F1 where there is one, else the first metric.</summary>
    static string Metric(EpochResult epoch)
    {
        var name = epoch.Metrics.ContainsKey("macroF1") && epoch.Metrics.ContainsKey("accuracy") ? "macroF1" : epoch.Metrics.Keys.First();
        return $"{Metrics.Speak(name)} {MetricsView.Value(name, epoch.Metrics[name])}";
    }

    string Step(TrainingProgress p)
    {
        if (!_sinceFirstStep.IsRunning)
        {
            _sinceFirstStep.Start();
            _firstStep = p.Step;
        }
        var (elapsed, steps) = (_sinceFirstStep.Elapsed, p.Step - _firstStep);
        var rate = steps == 0 ? "" : $", {Measures.Number(steps / elapsed.TotalSeconds)} steps/s, {Measures.Left(elapsed, steps, p.TotalSteps - _firstStep)}";
        return string.Create(CultureInfo.InvariantCulture, $"epoch {p.Epoch} of {p.Epochs}, loss {p.Loss:F4}{rate}");
    }

    sealed class CachingOnly(TuningDisplay display) : IProgress<FeatureProgress>
    {
        public void Report(FeatureProgress value) => display.Report(new TuningProgress { Features = value });
    }
}
