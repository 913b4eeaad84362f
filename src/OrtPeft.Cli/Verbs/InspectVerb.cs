using System.CommandLine;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft inspect`: what a model is and what can be done with it.</summary>
static class InspectVerb
{
    static readonly Argument<string?> Model = new("MODEL") { Description = CommonOptions.Model.Description, Arity = ArgumentArity.ZeroOrOne };

    static readonly Option<string?> Sites = new("--sites")
    {
        Description = "List all sites; with a file, after those that it names by hand (a JSON object of sites and tensors; as sites.json beside the model it counts for every verb).",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<bool> Devices = new("--devices") { Description = "Instead of a model: execution providers, their devices and options, and what is missing for the others." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("inspect", "Says what a model is, where methods can take hold, and which methods apply.", """
            Example:
              ortpeft inspect onnx-models/all-minilm-l6-v2
              ortpeft inspect onnx-models/all-minilm-l6-v2 --sites
              ortpeft inspect --devices
            """, Model, Devices, Sites, CommonOptions.Tokenizer);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var output = new Output(parsed);
        if (parsed.GetValue(Devices))
            return DeviceReport.Run(output);
        var path = parsed.GetValue(Model) ?? throw new OrtPeftException("inspect needs MODEL, or --devices. `ortpeft inspect --help` lists what there is.");
        var (model, backbone, reason) = Open(path, parsed.GetValue(CommonOptions.Tokenizer));
        var named = parsed.GetValue(Sites) is { } file ? HandNamedSites.Read(file) : null;
        var anatomy = backbone is null ? EncoderAnatomy.Find(model, named) : EncoderAnatomy.Of(backbone, named);
        var methods = TuningMethods.Table.Select(m => Method(m.Key, m.Value.Summary, backbone, reason)).ToArray();
        var missing = GradientCoverage.Missing(model).GroupBy(n => n.Key).Select(g => new { Operator = g.Key, Count = g.Count(), FirstNode = g.First().ToString() }).ToArray();
        var inputs = model.Graph.Inputs.Where(i => model.Graph.Initializer(i.Name) is null).Select(i => i.ToString()).ToArray();
        var json = new
        {
            Name = backbone?.Name ?? Path.GetFileNameWithoutExtension(path),
            Family = backbone?.Family ?? "unknown",
            Layers = backbone is { Layers: > 0 and var layers } ? layers : anatomy?.Layers.Count ?? 0,
            Hidden = backbone?.Hidden ?? 0,
            Heads = backbone?.Heads ?? 0,
            Parameters = Anatomy.Parameters(model),
            model.Opset,
            Nodes = model.Graph.Nodes.Count,
            MaxPositions = backbone?.MaxPositions,
            Inputs = inputs.Select(i => i.Split(':')[0]),
            Outputs = model.Graph.Outputs.Select(o => o.ToString()),
            Tokenizer = backbone?.Tokenizer?.Sha256,
            Preparation = backbone?.Images?.Preparation?.ToString(),
            Sites = anatomy?.Sites.Select(Describe) ?? [],
            Methods = methods,
            WithoutGradient = missing,
            Operators = model.Graph.Nodes.GroupBy(n => n.Key).OrderByDescending(g => g.Count()).ToDictionary(g => g.Key, g => g.Count()),
        };
        output.Result(json, console =>
        {
            var table = new Table().HideHeaders().NoBorder().AddColumns("", "");
            table.AddRow("model", Markup.Escape($"{json.Name} ({backbone?.ModelPath ?? path})"));
            if (backbone != null)
            {
                table.AddRow("family", Markup.Escape($"{json.Family}, {json.Layers} layers, width {json.Hidden}, {json.Heads} heads, {Measures.Count(json.Parameters)} parameters"));
                table.AddRow("features", Markup.Escape($"{backbone.LastHiddenState} [batch, sequence, {json.Hidden}], {(backbone.Images is null ? "at most" : "of every image")} {json.MaxPositions} tokens"));
                if (backbone.Images is { } images)
                    table.AddRow("images", Markup.Escape(images.Preparation?.ToString() ?? "no preparation"));
                else
                    table.AddRow("tokenizer", Markup.Escape(backbone.Tokenizer is { } t ? $"{Measures.Count(t.VocabularySize)} entries, SHA-256 {t.Sha256[..12]}" : "none"));
            }
            else
            {
                table.AddRow("parameters", Measures.Count(json.Parameters));
            }
            table.AddRow("graph", Markup.Escape($"opset {json.Opset}, {json.Nodes} nodes"));
            table.AddRow("inputs", Markup.Escape(string.Join("\n", inputs)));
            table.AddRow("outputs", Markup.Escape(string.Join("\n", json.Outputs)));
            if (anatomy is not null)
                table.AddRow("sites", Markup.Escape(Summary(anatomy)));
            table.AddRow("gradients", Markup.Escape(missing.Length == 0
                ? "every operator behind the embeddings has a gradient"
                : string.Join("\n", missing.Select(m => $"none for {m.Operator}: {m.Count} nodes, the first is {m.FirstNode}"))));
            console.Write(table);
            console.WriteLine();
            var list = new Table().Border(TableBorder.Simple).AddColumns("method", "trains, for two labels", "what it is");
            foreach (var method in methods)
                list.AddRow(method.Name, method.Supported ? $"{Measures.Count(method.TrainableParameters)} ({Measures.Percent(method.TrainablePercent / 100)})" : Markup.Escape($"no: {method.Reason}"), Markup.Escape(method.Summary));
            console.Write(list);
            if (anatomy is not null && parsed.GetResult(Sites) is not null)
                console.Write(Listed(anatomy));
        });
        return CommandLine.Done;
    }

    sealed record MethodLine(string Name, bool Supported, string Reason, long TrainableParameters, double TrainablePercent, string Summary);

    static MethodLine Method(string name, string summary, Backbone? backbone, string reason)
    {
        if (backbone is null || reason.Length > 0)
            return new MethodLine(name, false, reason, 0, 0, summary);
        var support = TuningMethods.SupportOf(name, backbone);
        return new MethodLine(name, support.Reason is null, support.Reason ?? "", support.TrainableParameters, 100.0 * support.TrainableParameters / Math.Max(1, backbone.Parameters), summary);
    }

    static object Describe(EncoderSite site) => new
    {
        site.Name,
        site.Role,
        site.Layer,
        site.Tensor,
        Weight = site.Linear?.Weight.Tensor.Name ?? site.Norm?.Scale?.Tensor.Name ?? site.Embedding?.Table.Tensor.Name,
        Bias = site.Linear?.Bias?.Tensor.Name ?? site.Norm?.Bias?.Tensor.Name ?? site.Embedding?.Bias?.Tensor.Name,
        Columns = site.Linear is { IsPacked: true } part ? part.Columns : null,
        Quantized = site.Linear?.IsQuantized == true ? true : default(bool?),
        site.Reason,
    };

    static string Summary(EncoderAnatomy anatomy)
    {
        var sites = anatomy.Sites.ToArray();
        var without = sites.Where(s => s.Tensor is null).ToArray();
        var counted = $"{anatomy.Layers.Count} layers found, {sites.Length - without.Length} sites";
        return without.Length == 0 ? counted : $"{counted}; {without.Length} without a tensor, the first is {without[0].Name}: {without[0].Reason}";
    }

    static Table Listed(EncoderAnatomy anatomy)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("site", "tensor");
        foreach (var site in anatomy.Sites)
        {
            var columns = site.Linear is { IsPacked: true } part ? $", columns {string.Join(", ", part.Columns.Select(c => $"{c.Start} to {c.Start + c.Count - 1}"))}" : "";
            table.AddRow(Markup.Escape(site.Name), Markup.Escape((site.Tensor ?? site.Reason) + columns));
        }
        return table;
    }

    /// <summary>The model; the backbone if it is one; and why no method applies, if none does.</summary>
    static (OnnxModel Model, Backbone? Backbone, string Reason) Open(string path, string? tokenizer)
    {
        try
        {
            var backbone = Backbone.Load(path, tokenizer);
            return (backbone.Model, backbone, backbone.Images is { } images
                ? images.Preparation is null ? $"the model has no {PreprocessorConfig.FileName}" : ""
                : backbone.Tokenizer is null ? "the model has no tokenizer.json" : "");
        }
        catch (NotAnEncoderException e)
        {
            return (OnnxModel.Load(BackboneFolder.Find(path, tokenizer).ModelPath), null, e.Message);
        }
    }
}
