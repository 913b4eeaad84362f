using System.Text;

namespace OrtPeft;

/// <summary>
/// Tables with a header line: CSV (RFC 4180: fields in double quotes may hold commas, line breaks and doubled quotes) and TSV (fields hold
/// no tab and no line break, quotes mean nothing). Blank lines are skipped.
/// </summary>
static class DelimitedReader
{
    internal static IEnumerable<Example> ReadCsv(LineReader lines, ColumnNames columns) => Read(lines, columns, new CsvRecord(lines).Read);

    internal static IEnumerable<Example> ReadTsv(LineReader lines, ColumnNames columns) =>
        Read(lines, columns, fields => ReadTsvRecord(lines, fields));

    static IEnumerable<Example> Read(LineReader lines, ColumnNames columns, Action<List<string>> read)
    {
        List<string> header = [];
        if (!SkipBlank(lines))
            yield break;
        read(header);
        var text = columns.Image is null ? Find(lines, header, columns.TextCandidates, required: columns.Text is not null) : -1;
        var image = text < 0 ? Find(lines, header, columns.ImageCandidates, required: columns.Image is not null) : -1;
        var pixels = text < 0 && image < 0 ? PixelColumns.Find(lines, header, columns.White) : null;
        if (text < 0 && image < 0 && pixels is null)
            throw TextData.NoSuchColumn(lines, [.. columns.TextCandidates, .. columns.ImageCandidates], header);
        var pair = Find(lines, header, columns.TextPairCandidates, required: columns.TextPair is not null);
        var label = Find(lines, header, columns.LabelCandidates, required: columns.Label is not null);
        var id = Find(lines, header, columns.IdCandidates, required: columns.Id is not null);
        var weight = columns.Weight is null ? -1 : Find(lines, header, [columns.Weight], required: true);
        if (columns.Tokens is not null || columns.Tags is not null)
            throw DataError.At(lines.Path, lines.LineNumber, "lists of words and tags are read from .jsonl and .conll files only.");

        List<string> fields = new(header.Count);
        while (SkipBlank(lines))
        {
            var line = lines.LineNumber;
            fields.Clear();
            read(fields);
            if (fields.Count != header.Count)
                throw DataError.At(lines.Path, line, $"{Count(fields.Count)}; the header has {header.Count} ({DataError.List(header)}).");
            yield return new Example
            {
                Text = text < 0 ? "" : fields[text],
                Image = image >= 0 ? ImagePaths.Resolve(lines, line, fields[image]) : pixels?.Read(lines, line, header, fields),
                TextPair = text < 0 || pair < 0 ? null : fields[pair],
                Label = label < 0 || fields[label].Length == 0 ? null : fields[label],
                Id = id < 0 || fields[id].Length == 0 ? $"line-{line}" : fields[id],
                Weight = weight < 0 ? 1 : ExampleWeight.Parse(lines, line, header[weight], fields[weight]),
                Line = line,
            };
        }
    }

    static bool SkipBlank(LineReader lines)
    {
        while (lines.Read())
            if (!lines.Line.IsEmpty)
                return true;
        return false;
    }

    static void ReadTsvRecord(LineReader lines, List<string> fields) =>
        fields.AddRange(Encoding.UTF8.GetString(lines.Line.Span).Split('\t'));

    static int Find(LineReader lines, List<string> header, string[] candidates, bool required)
    {
        foreach (var candidate in candidates)
        {
            var index = header.IndexOf(candidate);
            if (index < 0)
                continue;
            if (header.IndexOf(candidate, index + 1) >= 0)
                throw DataError.At(lines.Path, lines.LineNumber, $"the header names column {DataError.Quote(candidate)} twice.");
            return index;
        }
        return required ? throw TextData.NoSuchColumn(lines, candidates, header) : -1;
    }

    static string Count(int fields) => fields == 1 ? "1 field" : $"{fields} fields";
}
