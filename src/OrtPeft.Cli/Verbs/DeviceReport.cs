using System.ComponentModel;
using System.Reflection;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft inspect --devices`: what graphs can run on here, and what is missing for the rest.</summary>
static class DeviceReport
{
    internal static int Run(Output output)
    {
        var auto = ExecutionProviders.Choose(ExecutionProviders.Auto, ProviderHost.This);
        var json = new
        {
            OnnxRuntime = OrtSession.Version,
            Auto = auto.Provider.Name,
            auto.Why,
            Processor = new { Cores = Environment.ProcessorCount, Architecture = ProviderDevice.Processor, ProviderDevice.InstructionSets },
            Providers = ExecutionProviders.Table.Values.Select(Line).ToArray(),
        };
        output.Result(json, console =>
        {
            console.WriteLine($"ONNX Runtime {json.OnnxRuntime}. {auto.Why}");
            console.WriteLine($"Processor: {json.Processor.Cores} cores, {json.Processor.Architecture}");
            var table = new Table().Border(TableBorder.Simple).AddColumns("provider", "runs on", "usable");
            foreach (var line in json.Providers)
                table.AddRow(line.Name, Markup.Escape(line.RunsOn), Markup.Escape(line.Usable ? "yes" + string.Concat(line.Devices.Select(d => $"; device {d.Number}: {d.Name}, {Measures.Bytes(d.Memory)}")) : line.InRuntime ? line.Problem! : $"not in this ONNX Runtime. {line.Install}"));
            console.Write(table);
            var options = new Table().Border(TableBorder.Simple).AddColumns("--provider-option", "of", "default", "what it does");
            foreach (var line in json.Providers)
            {
                foreach (var option in line.Options)
                    options.AddRow(option.Name, line.Name, option.Default, Markup.Escape(option.What));
            }
            console.Write(options);
        });
        return CommandLine.Done;
    }

    sealed record ProviderLine(string Name, string RuntimeName, string RunsOn, bool InRuntime, bool Usable, string? Problem, IReadOnlyList<string> Missing, string Install,
        IReadOnlyList<ProviderDevice> Devices, IReadOnlyList<OptionLine> Options);

    sealed record OptionLine(string Name, string Default, string What);

    static ProviderLine Line(ExecutionProvider provider)
    {
        var host = ProviderHost.This;
        var problem = host.Problem(provider);
        return new ProviderLine(provider.Name, provider.RuntimeName, provider.Summary, host.Has(provider), problem is null, problem,
            host.Has(provider) ? [.. host.Missing(provider).Select(l => l.File)] : [], provider.Install, problem is null ? ProviderDevice.All(provider) : [], [.. Options(provider)]);
    }

    static IEnumerable<OptionLine> Options(ExecutionProvider provider) => provider.Defaults() is OtherOptions
        ? [new OptionLine("any", "", $"as ONNX Runtime's documentation of {provider.RuntimeName} lists them")]
        : new OptionRecord(provider.Name, provider.Defaults().GetType()).Options
            .Select(o => new OptionLine(o.Name, o.Value, o.Property.GetCustomAttribute<DescriptionAttribute>()!.Description));
}
