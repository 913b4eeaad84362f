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
            yield return new Example
            {
                Text = record.Text(text, required: true)!,
                TextPair = record.Text(pair, required: columns.TextPair is not null),
                Label = record.Name(label, required: columns.Label is not null),
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
