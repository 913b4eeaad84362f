using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft tokenize`: what the model sees of a text.</summary>
static class TokenizeVerb
{
    static readonly Argument<string> Model = new("MODEL") { Description = "Model folder, or a tokenizer file." };
    static readonly Option<string[]> Texts = new("--text") { Description = "A text to tokenize; may be given several times." };
    static readonly Option<string[]> Pairs = new("--pair") { Description = "The second text of a pair; given as often as --text, in the same order." };
    static readonly Option<string?> Data = new("--data") { Description = "Data set to tokenize: .jsonl, .csv or .tsv, also .gz." };
    static readonly Option<string?> Column = new("--text-column") { Description = "Column with the text; default: text, sentence or content." };
    static readonly Option<int?> MaxLength = new("--max-length") { Description = "Longest text in tokens; what is longer is cut." };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("tokenize", "Shows tokens, ids and where in the text they stand.", """
            Example:
              ortpeft tokenize onnx-models/all-minilm-l6-v2 --text "You have won a prize"
            """, Model, Texts, Pairs, Data, Column, CommonOptions.TextPair, CommonOptions.Id, MaxLength);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var texts = parsed.GetValue(Texts) ?? [];
        var pairs = parsed.GetValue(Pairs) ?? [];
        var data = parsed.GetValue(Data);
        if ((texts.Length > 0) == (data != null))
            throw new OrtPeftException("tokenize needs either --text or --data.");
        if (pairs.Length > 0 && pairs.Length != texts.Length)
            throw new OrtPeftException($"tokenize is given {pairs.Length} times --pair and {texts.Length} times --text. Give a --pair for each --text.");
        IEnumerable<Example> examples = data is null
            ? texts.Select((text, i) => new Example { Id = $"{i + 1}", Text = text, TextPair = pairs.Length > 0 ? pairs[i] : null })
            : TextData.Read(data, new ColumnNames { Text = parsed.GetValue(Column), TextPair = parsed.GetValue(CommonOptions.TextPair), Id = parsed.GetValue(CommonOptions.Id) });
        var tokenizer = Tokenizer.Load(parsed.GetValue(Model)!);
        var options = new EncodeOptions { MaxLength = parsed.GetValue(MaxLength) };
        var encoded = examples.Select(e => (Example: e, Encoding: tokenizer.Encode(e.Text, e.TextPair, options)));
        new Output(parsed).Result(new
        {
            Tokenizer = tokenizer.Sha256,
            Texts = encoded.Select(e => new
            {
                e.Example.Id,
                e.Encoding.Ids,
                e.Encoding.Tokens,
                e.Encoding.TypeIds,
                Offsets = e.Encoding.Offsets.Select(o => new[] { o.Start, o.End }),
                e.Encoding.WordIds,
                e.Encoding.SequenceIds,
            }),
        }, console =>
        {
            foreach (var (example, encoding) in encoded)
                Show(console, example, encoding);
        });
        return CommandLine.Done;
    }

    static void Show(IAnsiConsole console, Example example, TokenEncoding encoding)
    {
        console.WriteLine($"{example.Id}: {encoding.Length} tokens");
        var table = new Table().Border(TableBorder.Simple).AddColumns("token", "id", "characters", "word", "text");
        for (var i = 0; i < encoding.Length; i++)
        {
            var span = encoding.Offsets[i];
            var source = encoding.SequenceIds[i] == 1 ? example.TextPair! : example.Text;
            var isText = encoding.SequenceIds[i] >= 0;
            table.AddRow(Visible(encoding.Tokens[i]), $"{encoding.Ids[i]}", isText ? $"{span.Start} to {span.End}" : "", isText ? $"{encoding.WordIds[i]}" : "",
                isText ? Visible(source[span.Start..span.End]) : "");
        }
        console.Write(table);
    }

    /// <summary>Line breaks and other control characters as the pictures that Unicode has of them: they must not move the table or the terminal.</summary>
    static string Visible(string text) => Markup.Escape(string.Concat(text.Select(c => c switch
    {
        < ' ' => (char)(0x2400 + c),
        _ when char.IsControl(c) => '\u2421',
        _ => c,
    })));
}
