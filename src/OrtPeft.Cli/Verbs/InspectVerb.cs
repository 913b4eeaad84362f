using System.CommandLine;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft inspect`: what a model is and what can be done with it.</summary>
static class InspectVerb
{
    static readonly Argument<string> Model = new("MODEL") { Description = CommonOptions.Model.Description };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("inspect", "Says what a model is, where methods can take hold, and which methods apply.", """
            Example:
              ortpeft inspect onnx-models/all-minilm-l6-v2
            """, Model, CommonOptions.Tokenizer);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var output = new Output(parsed);
        var path = parsed.GetValue(Model)!;
        var (model, backbone, reason) = Open(path, parsed.GetValue(CommonOptions.Tokenizer));
        var methods = TuningMethods.Table.Select(m => new { Name = m.Key, Supported = reason.Length == 0, Reason = reason, m.Value.Summary }).ToArray();
        var missing = GradientCoverage.Missing(model).GroupBy(n => n.Key).Select(g => new { Operator = g.Key, Count = g.Count(), FirstNode = g.First().ToString() }).ToArray();
        var inputs = model.Graph.Inputs.Where(i => model.Graph.Initializer(i.Name) is null).Select(i => i.ToString()).ToArray();
        var json = new
        {
            Name = backbone?.Name ?? Path.GetFileNameWithoutExtension(path),
            Family = backbone?.Family ?? "unknown",
            Layers = backbone?.Layers ?? 0,
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
            Sites = backbone is null ? [] : new[] { new { Name = "last_hidden_state", Role = "features", Layer = backbone.Layers, Tensor = backbone.LastHiddenState } },
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
            table.AddRow("gradients", Markup.Escape(missing.Length == 0
                ? "every operator behind the embeddings has a gradient"
                : string.Join("\n", missing.Select(m => $"none for {m.Operator}: {m.Count} nodes, the first is {m.FirstNode}"))));
            console.Write(table);
            console.WriteLine();
            var list = new Table().Border(TableBorder.Simple).AddColumns("method", "applies", "what it is");
            foreach (var method in methods)
                list.AddRow(method.Name, method.Supported ? "yes" : Markup.Escape($"no: {method.Reason}"), Markup.Escape(method.Summary));
            console.Write(list);
        });
        return CommandLine.Done;
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
        catch (NotATextEncoderException e)
        {
            return (OnnxModel.Load(BackboneFolder.Find(path, tokenizer).ModelPath), null, e.Message);
        }
    }
}
