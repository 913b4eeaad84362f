using System.CommandLine;
using System.Globalization;
using System.Text;
using OrtPeft;
using OrtPeft.Gpu;

// Checks a provider against the processor and measures it; see README.md. Exit code 3 when a check does not hold.
Directory.SetCurrentDirectory(AppContext.BaseDirectory); // where the reference runs lie
var folder = new Option<string>("--out") { Description = "Folder for gpu.json and gpu.md.", HelpName = "FOLDER", DefaultValueFactory = _ => "gpu-report" };
var quick = new Option<bool>("--quick") { Description = "Few steps and texts: shows that all runs, measures nothing." };
var command = CommonOptions.Verb("gpu", "Checks a provider against the processor, and measures it.", "", folder, quick);
command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
try
{
    return await command.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OrtPeftException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return CommandLine.WrongInput;
}

int Run(ParseResult parsed, CancellationToken cancellationToken)
{
    var output = new Output(parsed);
    var execution = CommonOptions.Execution(parsed, output);
    execution.Validate();
    var isQuick = parsed.GetValue(quick);
    var backbone = Backbone.Load(Demo.ModelFolder);
    var mails = MailCorpus.Load(MailCorpus.DefaultPath, cancellationToken);
    var bench = new BenchmarkInput(backbone, mails, execution, isQuick, output);

    var checks = new List<CheckResult>();
    foreach (var (name, check) in Checks.Table)
    {
        output.Say($"check: {name}");
        checks.Add(check(new CheckInput(backbone, mails, execution, isQuick)) with { Name = name });
    }
    string[] measured = ["caching", "epoch", "tuning"];
    using var load = new DeviceLoad(execution);
    var rows = measured.SelectMany(name => Benchmarks.Table[name](bench, cancellationToken)).Concat(PyTorchComparison.Run(bench)).ToArray();
    var report = new
    {
        Provider = execution.EffectiveProvider,
        Device = ProviderDevice.NameOf(execution.Chosen, execution.Devices[0]),
        OnnxRuntime = OrtSession.Version,
        execution.Precision,
        IsMeasurement = !isQuick,
        Checks = checks,
        Rows = rows,
        Utilisation = load.Median(),
    };
    var path = Path.Combine(AppContext.BaseDirectory, parsed.GetValue(folder)!);
    Directory.CreateDirectory(path);
    Json.Write(Path.Combine(path, "gpu.json"), report);

    var table = new StringBuilder();
    table.AppendLine(CultureInfo.InvariantCulture, $"{report.Provider}, {report.Device}, ONNX Runtime {report.OnnxRuntime}, {report.Precision}{(isQuick ? "; a quick look, no measurement" : "")}.").AppendLine();
    table.AppendLine("| check | largest error | limit | holds |").AppendLine("| --- | --- | --- | --- |");
    foreach (var check in checks)
        table.AppendLine(CultureInfo.InvariantCulture, $"| {check.Name}: {check.What} | {check.Error:G3} | {check.Limit:G3} | {(check.Holds ? "yes" : "**no**")} |");
    table.AppendLine().AppendLine("| measured | value | ratio | goal on a processor |").AppendLine("| --- | --- | --- | --- |");
    foreach (var row in rows)
        table.AppendLine(CultureInfo.InvariantCulture, $"| {row.Benchmark}: {row.What} | {row.Value} | {row.Ratio:G3} | {row.Goal} |");
    if (report.Utilisation is { } percent)
        table.AppendLine(CultureInfo.InvariantCulture, $"| device busy while measuring, median | {percent:F0} % | | |");
    File.WriteAllText(Path.Combine(path, "gpu.md"), table.ToString());
    output.Result(report, console => Console.Out.Write(table));
    return checks.TrueForAll(c => c.Holds) ? CommandLine.Done : CommandLine.CheckFailed;
}
