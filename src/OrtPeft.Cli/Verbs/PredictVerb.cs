using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft predict`: one JSON object a line for each text.</summary>
static class PredictVerb
{
    static readonly Argument<string[]> Folders = new("ADAPTER") { Description = "Folder of a trained adapter. Several adapters of one backbone answer in one pass.", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string[]> Texts = new("--text") { Description = "A text to answer for, not the name of a column. May be given several times.", HelpName = "TEXT" };
    static readonly Option<string?> Data = new("--data") { Description = "Data set to answer for: .jsonl, .csv, .tsv or .conll, also .gz.", HelpName = "FILE" };
    static readonly Option<string?> Column = CommonOptions.Column("--text-column", "With --data: name of the column that holds the text (what --text is in the other verbs); default: text, sentence or content.");
    static readonly Option<string?> Out = new("--out") { Description = "File to write the answers to instead of stdout.", HelpName = "FILE" };
    static readonly Option<string?> Model = new("--model") { Description = "The adapter's backbone, when it is no longer where it was.", HelpName = "PATH" };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("predict", "Answers with trained adapters: id, label, score and all scores, one JSON object a line, with and without --json; several adapters answer under their names.", """
            Examples:
              ortpeft predict adapters/mails --text "You have won a prize" --text "See you on Thursday"
              ortpeft predict adapters/mails --data new.jsonl --out answers.jsonl
              ortpeft predict adapters/mails adapters/topics --data new.jsonl
            """,
            Folders, Texts, Data, Column, CommonOptions.TextPair, CommonOptions.Tokens, CommonOptions.Id, Out, Model);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var examples = Examples(parsed);
        using var predictor = MultiPredictor.Load(parsed.GetValue(Folders)!, parsed.GetValue(Model), CommonOptions.Execution(parsed));
        if (parsed.GetValue(Out) is not { } path)
        {
            Write(Console.Out, predictor, examples, progress: null, cancellationToken);
            return CommandLine.Done;
        }

        var output = new Output(parsed);
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
        var texts = parsed.GetValue(Texts) ?? [];
        var data = parsed.GetValue(Data);
        if (texts.Length > 0 && data != null)
            throw new OrtPeftException("predict answers either for --text or for --data, not for both. Give one of them.");
        if (data != null)
        {
            return TextData.Read(data, new ColumnNames
            {
                Text = parsed.GetValue(Column),
                TextPair = parsed.GetValue(CommonOptions.TextPair),
                Tokens = parsed.GetValue(CommonOptions.Tokens),
                Id = parsed.GetValue(CommonOptions.Id),
            });
        }
        if (texts.Length == 0)
            throw new OrtPeftException("predict has nothing to answer for. Give --text \"a text\" or --data FILE.");
        Option[] ofData = [Column, CommonOptions.TextPair, CommonOptions.Tokens, CommonOptions.Id];
        if (ofData.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } column)
            throw new OrtPeftException($"{column.Name} names a column of --data; with --text there is none. Leave it out, or give --data FILE.");
        return texts.Select((text, i) => new Example { Id = $"{i + 1}", Text = text });
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
