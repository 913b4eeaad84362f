using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft quantize`: the same backbone with int8 weights.</summary>
static class QuantizeVerb
{
    static readonly Argument<string> Model = new("MODEL") { Description = CommonOptions.Model.Description };
    static readonly Option<string> Out = new("--out") { Description = "New folder for the quantized model.", HelpName = "FOLDER", Required = true };
    static readonly Option<bool> Embeddings = new("--embeddings") { Description = "Quantize the tables of embeddings too: smaller, not faster." };
    static readonly Option<string?> Data = new("--data") { Description = "Texts to compare both models on; default: the demo's mails.", HelpName = "FILE" };
    static readonly Option<int> Texts = new("--texts") { Description = "How many of them.", HelpName = "N", DefaultValueFactory = _ => 200 };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("quantize", "Writes a model with dynamic int8 weights, and says what that does to its features and its speed.", """
            Example:
              ortpeft quantize onnx-models/all-minilm-l6-v2 --out all-minilm-l6-v2-int8
            """, Model, Out, Embeddings, Data, Texts, CommonOptions.MaxLength, CommonOptions.Tokenizer, CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Id);
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var backbone = Backbone.Load(parsed.GetValue(Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var count = parsed.GetValue(Texts);
        if (backbone.Images is not null && parsed.GetValue(Data) is null)
            throw new OrtPeftException($"'{backbone.Name}' reads images, and the sample that is taken without --data is of mails. Give --data with a folder of images or a data file.");
        var texts = parsed.GetValue(Data) is { } file ? CommonOptions.Data(parsed, output, file, cancellationToken).Take(count).ToArray()
            : [.. MailCorpus.Subset(MailCorpus.Load(MailCorpus.DefaultPath, cancellationToken).Test, count)];
        var quantized = BackboneQuantizer.Write(backbone, parsed.GetValue(Out)!, parsed.GetValue(Embeddings));
        output.Say($"Written; comparing both models on {Measures.Count(texts.Length, "text")}.");
        var report = QuantizationReport.Measure(backbone, quantized, texts, parsed.GetValue(CommonOptions.MaxLength), CommonOptions.Execution(parsed, output), cancellationToken: cancellationToken);
        BackboneQuantizer.WriteReport(quantized, report);
        output.Result(new { Model = parsed.GetValue(Out), quantized.Backbone.Sha256, quantized.MatMuls, quantized.Embeddings, quantized.Left, Report = report }, console =>
        {
            console.WriteLine($"{Measures.Count(quantized.MatMuls, "product")} by weights and {Measures.Count(quantized.Embeddings, "table")} are int8 now, {quantized.Left} left as they were; " +
                $"weights {Measures.Bytes(report.BytesBefore)} before, {Measures.Bytes(report.BytesAfter)} now.");
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"On {report.Texts} texts: cosine of pooled features {report.CosineMean:F4} (smallest {report.CosineMin:F4}), same nearest neighbour ") +
                string.Create(CultureInfo.InvariantCulture, $"{Measures.Percent(report.SameNearest)}, {report.Speed:F2} times the speed {CommonOptions.Where(parsed)}."));
            console.WriteLine($"Model: {parsed.GetValue(Out)}. Train and serve on it alike: adapters and caches of the original do not fit.");
        });
        return CommandLine.Done;
    }
}
