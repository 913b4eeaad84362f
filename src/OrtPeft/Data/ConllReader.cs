using System.Text;

namespace OrtPeft;

/// <summary>
/// CoNLL columns: a word a line, its tag in the last column, columns apart by blanks or tabs, an empty line after each sentence. Lines that begin with
/// -DOCSTART- and comments of the form "# name = value" are skipped. With a single column there are no tags.
/// </summary>
static class ConllReader
{
    internal static IEnumerable<Example> Read(LineReader lines, ColumnNames columns)
    {
        if (columns is { Text: not null } or { Label: not null } or { TextPair: not null } or { Id: not null } or { Tokens: not null } or { Tags: not null } or { Weight: not null })
            throw new OrtPeftException($"{lines.Path}: columns of a .conll file have no names; the first is the word, the last the tag.");
        var (words, tags, first, width) = (new List<string>(), new List<string>(), 0L, 0);
        while (lines.Read())
        {
            var line = Encoding.UTF8.GetString(lines.Line.Span).Trim(' ', '\t');
            if (line.Length == 0 || line.StartsWith("-DOCSTART-", StringComparison.Ordinal))
            {
                if (words.Count > 0)
                    yield return Sentence();
                (words, tags) = ([], []);
                continue;
            }
            if (words.Count == 0 && line.StartsWith("# ", StringComparison.Ordinal) && line.Contains('='))
                continue;
            var fields = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            width = width == 0 ? fields.Length : width;
            if (fields.Length != width)
                throw DataError.At(lines.Path, lines.LineNumber, $"{fields.Length} columns; the lines before have {width}.");
            first = words.Count == 0 ? lines.LineNumber : first;
            words.Add(fields[0]);
            tags.Add(fields[^1]);
        }
        if (words.Count > 0)
            yield return Sentence();

        Example Sentence() => new() { Id = $"line-{first}", Text = string.Join(' ', words), Tokens = words, Tags = width > 1 ? tags : null, Line = first };
    }
}
