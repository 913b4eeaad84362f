namespace OrtPeft;

/// <summary>`ortpeft train` with a method's option that asks for several settings, such as ttc's ablation: each is trained, all are compared on the dev part.</summary>
static class Variants
{
    internal const string FileName = "comparison.json";

    internal static async Task<int> RunAsync(Output output, string folder, Tuner tuner, TextData train, TextData? dev, CancellationToken cancellationToken)
    {
        var display = new TuningDisplay(output);
        var result = await display.ShowAsync(() => MethodComparison.RunAsync(tuner, [tuner.Method], train, dev, test: null, folder, display, cancellationToken)).ConfigureAwait(false);
        var report = TuningReport.Write(folder, tuner.Backbone, result, test: 0);
        var json = CompareVerb.Json(result, report);
        Json.Write(Path.Combine(folder, FileName), json);
        output.Result(json, console => CompareVerb.Show(console, result, report));
        return result.Rows.Any(row => row.Tuned.Failure is not null) ? CommandLine.Failed : CommandLine.Done;
    }
}
