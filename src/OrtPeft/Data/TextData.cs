using System.Collections;

namespace OrtPeft;

/// <summary>A data set of texts or images in memory, in the order of its file, with unique ids. Made from JSON Lines, CSV or TSV files, a folder of
/// images, or examples.</summary>
public sealed class TextData : IReadOnlyList<Example>
{
    readonly List<Example> _examples;
    readonly Lazy<bool> _isLabelTable;

    TextData(List<Example> examples, string? source)
    {
        _examples = examples;
        _isLabelTable = new Lazy<bool>(() => examples.Any(e => e.Label is not null) && examples.All(e => e.Labels is null));
        Source = source;
    }

    /// <summary>The file the data came from, or null.</summary>
    public string? Source { get; }

    /// <summary>Whether labels are written as in a table: at least one is there, and none is a list.</summary>
    internal bool IsLabelTable => _isLabelTable.Value;

    /// <summary>Number of examples.</summary>
    public int Count => _examples.Count;

    /// <summary>The example at a position from 0.</summary>
    public Example this[int index] => _examples[index];

    /// <summary>Loads a `.jsonl`, `.csv`, `.tsv` or `.conll` file, or a `.gz` of one; the file name says which. Or a folder of images.</summary>
    /// <exception cref="OrtPeftException">The file is missing, empty or malformed, a column is missing, or two examples have the same id;
    /// the message names file, line and column.</exception>
    public static TextData Load(string path, ColumnNames? columns = null) => FromExamples(Read(path, columns), path);

    /// <summary>Loads a file of one JSON object a line. Column names as in <see cref="ColumnNames"/>; errors as in <see cref="Load"/>.</summary>
    public static TextData FromJsonLines(string path, string? text = null, string? label = null, string? textPair = null, string? id = null) =>
        LoadAs(path, JsonLinesReader.Read, new() { Text = text, Label = label, TextPair = textPair, Id = id });

    /// <summary>Loads a CSV file (RFC 4180) with a header. Column names as in <see cref="ColumnNames"/>; errors as in <see cref="Load"/>.</summary>
    public static TextData FromCsv(string path, string? text = null, string? label = null, string? textPair = null, string? id = null) =>
        LoadAs(path, DelimitedReader.ReadCsv, new() { Text = text, Label = label, TextPair = textPair, Id = id });

    /// <summary>Loads a table of tab separated values with a header. Quotes are ordinary characters. Column names as in
    /// <see cref="ColumnNames"/>; errors as in <see cref="Load"/>.</summary>
    public static TextData FromTsv(string path, string? text = null, string? label = null, string? textPair = null, string? id = null) =>
        LoadAs(path, DelimitedReader.ReadTsv, new() { Text = text, Label = label, TextPair = textPair, Id = id });

    /// <summary>Loads a folder of images, one sub-folder a label. Files are read when they are needed.</summary>
    /// <exception cref="OrtPeftException">There are no images in it.</exception>
    public static TextData FromImageFolder(string folder) => FromExamples(ImageFolderReader.Read(folder), folder);

    /// <summary>Takes examples as they are. <paramref name="source"/> names them in messages.</summary>
    /// <exception cref="OrtPeftException">There are none, or two have the same id.</exception>
    public static TextData FromExamples(IEnumerable<Example> examples, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(examples);
        List<Example> list = [];
        HashSet<string> ids = [];
        foreach (var example in examples)
        {
            list.Add(example);
            if (!ids.Add(example.Id))
                throw IdUsedTwice(source, list, example);
        }
        return list.Count > 0 ? new(list, source) : throw Empty(source);
    }

    /// <summary>Reads a file as <see cref="Load"/> does, one example at a time, in memory that does not grow with the file. Ids are not
    /// compared.</summary>
    /// <exception cref="OrtPeftException">As for <see cref="Load"/>; thrown while reading.</exception>
    public static IEnumerable<Example> Read(string path, ColumnNames? columns = null) =>
        Directory.Exists(path) ? ImageFolderReader.Read(path) : Stream(path, FormatOf(path), columns ?? new());

    /// <inheritdoc/>
    public IEnumerator<Example> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static OrtPeftException IdUsedTwice(string? source, IEnumerable<Example> examples, Example second)
    {
        var first = examples.First(e => e.Id == second.Id);
        return DataError.At(source, second.Line, $"the id {DataError.Quote(second.Id)} was already used{FirstUse(first.Line)}. Ids must be unique.");
    }

    internal static OrtPeftException NoSuchColumn(LineReader lines, string[] candidates, IEnumerable<string> existing) =>
        DataError.At(lines.Path, lines.LineNumber,
            $"no column {string.Join(" or ", candidates.Select(DataError.Quote))}. The columns there are: {DataError.List(existing)}.");

    static TextData LoadAs(string path, Func<LineReader, ColumnNames, IEnumerable<Example>> format, ColumnNames columns) =>
        FromExamples(Stream(path, format, columns), path);

    static IEnumerable<Example> Stream(string path, Func<LineReader, ColumnNames, IEnumerable<Example>> format, ColumnNames columns)
    {
        using var lines = new LineReader(path);
        var any = false;
        foreach (var example in format(lines, columns))
        {
            any = true;
            yield return example;
        }
        if (!any)
            throw lines.LineNumber == 0 ? Empty(path) : new OrtPeftException($"{path} holds no examples, only a header or blank lines.");
    }

    static Func<LineReader, ColumnNames, IEnumerable<Example>> FormatOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".jsonl" => JsonLinesReader.Read,
            ".csv" => DelimitedReader.ReadCsv,
            ".tsv" => DelimitedReader.ReadTsv,
            ".conll" => ConllReader.Read,
            _ => throw new OrtPeftException(
                $"{path} is no data file that can be read; expected the ending .jsonl, .csv, .tsv or .conll, or .gz after one of these."),
        };
    }

    static OrtPeftException Empty(string? source) => new($"{DataError.Where(source, 0)} is empty; expected at least one example.");

    static string FirstUse(long line) => line > 0 ? $" in line {line}" : "";
}
