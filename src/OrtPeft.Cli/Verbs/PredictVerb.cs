using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft predict`: one JSON object a line for each text or image.</summary>
static class PredictVerb
{
    static readonly Argument<string[]> Folders = new("ADAPTER") { Description = "Folder of a trained adapter. Several adapters of one backbone answer in one pass.", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string[]> Texts = new("--text") { Description = "A text to answer for, not the name of a column. May be given several times.", HelpName = "TEXT" };
    static readonly Option<string[]> Images = new("--image") { Description = "An image file to answer for, not the name of a column. May be given several times.", HelpName = "FILE" };
    static readonly Option<string?> Data = new("--data") { Description = $"Data set to answer for: {CommonOptions.DataFormats}.", HelpName = "FILE" };
    static readonly Option<string?> Column = CommonOptions.Column("--text-column", "With --data: name of the column that holds the text (what --text is in the other verbs); default: text, sentence or content.");
    static readonly Option<string?> ImageColumn = CommonOptions.Column("--image-column", "With --data: name of the column of the paths of images (what --image is in the other verbs).");
    static readonly Option<string?> Out = new("--out") { Description = "File to write the answers to instead of stdout.", HelpName = "FILE" };
    static readonly Option<string?> Model = new("--model") { Description = "The adapter's backbone, when it is no longer where it was.", HelpName = "PATH" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("predict", "Answers with trained adapters: id, label, score and all scores, one JSON object a line, with and without --json; several adapters answer under their names.", """
            Examples:
              ortpeft predict adapters/mails --text "You have won a prize" --text "See you on Thursday"
              ortpeft predict adapters/digits --image seven.png
              ortpeft predict adapters/mails --data new.jsonl --out answers.jsonl
              ortpeft predict adapters/mails adapters/topics --data new.jsonl
            """,
            Folders, Texts, Images, Data, Column, ImageColumn, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.TextPair, CommonOptions.Tokens, CommonOptions.Id, Out, Model, CommonOptions.Compiled);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var examples = Examples(parsed);
        if (parsed.GetValue(CommonOptions.SkipBad))
            examples = BadImages.Skip(examples, fault => output.Say($"left out: {fault}"));
        using var predictor = MultiPredictor.Load(parsed.GetValue(Folders)!, parsed.GetValue(Model), CommonOptions.Execution(parsed, output));
        if (parsed.GetValue(Out) is not { } path)
        {
            Write(Console.Out, predictor, examples, progress: null, cancellationToken);
            return CommandLine.Done;
        }

        var display = new AnsweringDisplay(output, total: null);
        var count = 0;
        await display.ShowAsync(() =>
        {
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                count = Write(writer, predictor, examples, display, cancellationToken);
            });
            return count;
        }).ConfigureAwait(false);
        output.Result(new { Examples = count, Out = path }, console => console.WriteLine($"{Measures.Count(count, "prediction")} written to {path}."));
        return CommandLine.Done;
    }

    static IEnumerable<Example> Examples(ParseResult parsed)
    {
        var (texts, images, data) = (parsed.GetValue(Texts) ?? [], parsed.GetValue(Images) ?? [], parsed.GetValue(Data));
        if ((texts.Length > 0 ? 1 : 0) + (images.Length > 0 ? 1 : 0) + (data != null ? 1 : 0) > 1)
            throw new OrtPeftException("predict answers either for --text, for --image or for --data, not for several of them. Give one.");
        if (data != null)
            return TextData.Read(data, CommonOptions.Columns(parsed) with { Text = parsed.GetValue(Column), Image = parsed.GetValue(ImageColumn) });
        if (texts.Length + images.Length == 0)
            throw new OrtPeftException("predict has nothing to answer for. Give --text \"a text\", --image FILE or --data FILE.");
        Option[] ofData = [Column, ImageColumn, CommonOptions.TextPair, CommonOptions.Tokens, CommonOptions.Id];
        if (ofData.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } column)
            throw new OrtPeftException($"{column.Name} names a column of --data, which is not given. Leave it out, or give --data FILE.");
        return texts.Length > 0
            ? texts.Select((text, i) => new Example { Id = $"{i + 1}", Text = text })
            : images.Select((file, i) => new Example { Id = images.Distinct().Count() == images.Length ? file : $"{i + 1}", Image = ImageSource.FromFile(file) });
    }

    /// <summary>What an answer consists of depends on the task.</summary>
    static object Line(string? id, Prediction answer) => answer switch
    {
        { Labels: { } labels } => new { id, labels, answer.Scores },
        { Value: { } value } => new { id, value },
        { Words: { } words } => new { id, Tokens = words.Select(w => w.Word), Tags = words.Select(w => w.Tag), Scores = words.Select(w => w.Score), answer.Spans },
        _ => new { id, answer.Label, answer.Score, answer.Scores },
    };

    static int Write(TextWriter writer, MultiPredictor predictor, IEnumerable<Example> examples, AnsweringDisplay? progress, CancellationToken cancellationToken)
    {
        var ids = new Queue<string>();
        var count = 0;
        foreach (var predictions in predictor.Predict(examples.Select(Remember), cancellationToken))
        {
            var id = ids.Dequeue();
            object line = predictions is [var only] ? Line(id, only) : new { id, Answers = predictor.Names.Zip(predictions).ToDictionary(p => p.First, p => Line(null, p.Second)) };
            writer.WriteLine(JsonSerializer.Serialize(line, Json.Compact));
            count++;
            progress?.Report(count);
        }
        return count;

        Example Remember(Example example)
        {
            ids.Enqueue(example.Id);
            return example;
        }
    }
}
