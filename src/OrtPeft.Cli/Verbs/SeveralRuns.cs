using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft train --runs N`: the same training with consecutive seeds, and what their results have in common.</summary>
static class SeveralRuns
{
    internal static async Task<int> RunAsync(Output output, string folder, long firstSeed, int runs, Func<string, long, Task<TunedModel>> train)
    {
        var results = new List<(long Seed, string Folder, TunedModel Tuned)>();
        for (var seed = firstSeed; seed < firstSeed + runs; seed++)
        {
            var place = Path.Combine(folder, $"seed-{seed}");
            results.Add((seed, place, await train(place, seed).ConfigureAwait(false)));
        }
        var by = results[0].Tuned.Training.SelectBy;
        var best = results.MaxBy(r => r.Tuned.Dev.Metrics[by]);
        var means = results[0].Tuned.Dev.Metrics.Values.Keys.ToDictionary(name => name, name => MeanInterval.Of([.. results.Select(r => r.Tuned.Dev.Metrics[name])]));
        output.Result(new
        {
            Task = best.Tuned.Dev.Task,
            best.Tuned.Adapter.Info.Method,
            best.Tuned.Adapter.Info.TrainableParameters,
            Runs = results.Select(r => new { r.Seed, Adapter = r.Folder, Metrics = r.Tuned.Dev.Metrics.Values, r.Tuned.TrainSeconds, r.Tuned.Warning, r.Tuned.Failure }),
            Mean = means.ToDictionary(m => m.Key, m => new { m.Value.Mean, Interval = new[] { m.Value.Interval.Lower, m.Value.Interval.Upper } }),
            Adapter = best.Folder,
        }, console =>
        {
            foreach (var (seed, place, tuned) in results)
                console.WriteLine($"seed {seed}: dev {Metrics.Speak(by)} {MetricsView.Value(by, tuned.Dev.Metrics[by])}{((tuned.Failure ?? tuned.Warning) is { } warning ? $" (warning: {warning})" : "")}");
            foreach (var (name, mean) in means)
                console.WriteLine($"dev {Metrics.Speak(name)}: mean of {runs} runs {MetricsView.Value(name, mean.Mean)}, 95 % interval {MetricsView.Ends(name, mean.Interval)}");
            console.WriteLine($"Best on the dev part: {best.Folder}");
        });
        return results.Any(r => r.Tuned.Failure is not null) ? CommandLine.Failed : CommandLine.Done;
    }
}
