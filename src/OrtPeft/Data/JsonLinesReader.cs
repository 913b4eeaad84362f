using System.Text.Json;

namespace OrtPeft;

/// <summary>JSON Lines: one JSON object a line. Blank lines are skipped; other fields are ignored.</summary>
static class JsonLinesReader
{
    internal static IEnumerable<Example> Read(LineReader lines, ColumnNames columns)
    {
        var (text, pair, label, id) = (columns.TextCandidates, columns.TextPairCandidates, columns.LabelCandidates, columns.IdCandidates);
        while (lines.Read())
        {
            if (lines.Line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            using var document = Parse(lines);
            var record = new Record(lines, document.RootElement);
            var tokens = record.List(columns.TokensCandidates, required: columns.Tokens is not null);
            var labels = tokens is null ? record.List(label, required: false) : null;
            var image = tokens is null ? record.Image(columns, text) : null;
            yield return new Example
            {
                Image = image,
                Text = image is not null ? "" : tokens is null ? record.Text(text, required: true)! : string.Join(' ', tokens),
                TextPair = tokens is null && image is null ? record.Text(pair, required: columns.TextPair is not null) : null,
                Label = labels is null && tokens is null ? record.Name(label, required: columns.Label is not null) : null,
                Labels = labels,
                Tokens = tokens,
                Tags = tokens is null ? null : record.List(columns.TagsCandidates, required: columns.Tags is not null),
                Weight = columns.Weight is null ? 1 : ExampleWeight.Parse(lines, lines.LineNumber, columns.Weight, record.Name([columns.Weight], required: true) ?? ""),
                Id = record.Name(id, required: columns.Id is not null) ?? $"line-{lines.LineNumber}",
                Line = lines.LineNumber,
            };
        }
    }

    static JsonDocument Parse(LineReader lines)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(lines.Line);
        }
        catch (JsonException e)
        {
            throw DataError.At(lines.Path, lines.LineNumber,
                $"not JSON (at byte {e.BytePositionInLine + 1}). Expected one object a line, such as {{\"text\": \"...\", \"label\": \"...\"}}.", e);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        var kind = document.RootElement.ValueKind;
        document.Dispose();
        throw DataError.At(lines.Path, lines.LineNumber, $"a JSON {Word(kind)}; expected an object.");
    }

    static string Word(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => kind.ToString().ToLowerInvariant(),
    };

    readonly struct Record(LineReader lines, JsonElement fields)
    {
        /// <summary>A text: must be a JSON string.</summary>
        internal string? Text(string[] candidates, bool required) => Find(candidates, required, out var name) switch
        {
            { ValueKind: JsonValueKind.String } value => String(value, name),
            { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } when !required => null,
            var value => throw WrongType(name, value, "a string"),
        };

        /// <summary>An image by its path: where one is asked for, or where there is a usual field for one and none for a text.</summary>
        internal ImageSource? Image(ColumnNames columns, string[] text)
        {
            if (columns.Image is null && (columns.Text is not null || Find(text, required: false, out _).ValueKind != JsonValueKind.Undefined))
                return null;
            return Text(columns.ImageCandidates, required: columns.Image is not null) is { } path ? ImagePaths.Resolve(lines, lines.LineNumber, path) : null;
        }

        /// <summary>A label or id: numbers and booleans are taken as they are written; null and the empty string are no value.</summary>
        internal string? Name(string[] candidates, bool required)
        {
            var value = Find(candidates, required, out var name);
            var result = value.ValueKind switch
            {
                JsonValueKind.String => String(value, name),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                JsonValueKind.Null or JsonValueKind.Undefined => null,
                _ => throw WrongType(name, value, "a string, number or boolean"),
            };
            return string.IsNullOrEmpty(result) ? null : result;
        }

        /// <summary>A list of names; null when the field is not there or no list.</summary>
        internal List<string>? List(string[] candidates, bool required)
        {
            var value = Find(candidates, required, out var name);
            if (value.ValueKind != JsonValueKind.Array)
                return required ? throw WrongType(name, value, "a list") : null;
            var items = new List<string>(value.GetArrayLength());
            foreach (var item in value.EnumerateArray())
            {
                items.Add(item.ValueKind switch
                {
                    JsonValueKind.String => String(item, name),
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => item.GetRawText(),
                    _ => throw WrongType($"{name}[{items.Count}]", item, "a string, number or boolean"),
                });
            }
            return items;
        }

        JsonElement Find(string[] candidates, bool required, out string name)
        {
            foreach (var candidate in candidates)
                if (fields.TryGetProperty(candidate, out var value))
                {
                    name = candidate;
                    return value;
                }
            name = candidates[0];
            return required
                ? throw TextData.NoSuchColumn(lines, candidates, fields.EnumerateObject().Select(field => field.Name))
                : default;
        }

        string String(JsonElement value, string name)
        {
            try
            {
                return value.GetString()!;
            }
            catch (InvalidOperationException e)
            {
                throw DataError.At(lines.Path, lines.LineNumber,
                    $"field {DataError.Quote(name)} holds half a surrogate pair (such as \\ud83d alone), which is no character.", e);
            }
        }

        OrtPeftException WrongType(string name, JsonElement value, string expected) =>
            DataError.At(lines.Path, lines.LineNumber, $"field {DataError.Quote(name)} is {Article(value.ValueKind)}; expected {expected}.");

        static string Article(JsonValueKind kind) => kind switch
        {
            JsonValueKind.Null => "null",
            JsonValueKind.Array or JsonValueKind.Object => $"an {Word(kind)}",
            _ => $"a {Word(kind)}",
        };
    }
}
