using System.Text.Unicode;

namespace OrtPeft;

/// <summary>
/// Reads a UTF-8 text file, or a gzip file of one, line by line in linear time and bounded memory. A line ends in LF or CR LF, which is
/// not part of it; a byte order mark is skipped.
/// </summary>
sealed class LineReader : IDisposable
{
    internal const int LongestLine = 64 << 20;

    readonly Stream _stream;
    readonly int _longestLine;
    byte[] _buffer = new byte[1 << 16];
    int _start;
    int _end;
    bool _endOfFile;

    internal LineReader(string path, int longestLine = LongestLine)
    {
        Path = path;
        _longestLine = longestLine;
        _stream = Open(path);
    }

    internal string Path { get; }

    /// <summary>Number of the line last read, from 1.</summary>
    internal long LineNumber { get; private set; }

    /// <summary>The line last read; valid until the next call of <see cref="Read"/>.</summary>
    internal ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>What ended the line last read: LF, CR LF, or nothing at the end of the file.</summary>
    internal string LineBreak { get; private set; } = "";

    /// <summary>Reads the next line; false at the end of the file.</summary>
    internal bool Read()
    {
        var length = FindLineEnd();
        if (length < 0 && _start == _end)
            return false;
        LineNumber++;
        LineBreak = length < 0 ? "" : "\n";
        length = length < 0 ? _end - _start : length;
        var line = _buffer.AsMemory(_start, length);
        _start += length + LineBreak.Length;
        if (LineBreak.Length > 0 && line.Length > 0 && line.Span[^1] == '\r')
        {
            line = line[..^1];
            LineBreak = "\r\n";
        }
        if (LineNumber == 1 && line.Span.StartsWith("\uFEFF"u8))
            line = line[3..];
        if (!Utf8.IsValid(line.Span))
            throw DataError.At(Path, LineNumber, "the text is not UTF-8. Save the file as UTF-8 and try again.");
        Line = line;
        return true;
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Distance from the start of the line to its line feed, or -1 when the file ends before one.</summary>
    int FindLineEnd()
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            var length = found < 0 ? _end - _start : searched + found;
            if (length > _longestLine)
                throw DataError.At(Path, LineNumber + 1,
                    $"the line is longer than {_longestLine} bytes. Is this a text file with one example a line?");
            if (found >= 0)
                return length;
            if (_endOfFile)
                return -1;
            Fill();
            searched = Math.Min(length, _end - _start);
        }
    }

    void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        try
        {
            var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _endOfFile = read == 0;
            if (_endOfFile && _stream is GzipText)
                RemoveEndMark();
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
        catch (IOException e)
        {
            throw DataError.At(Path, LineNumber + 1, $"cannot be read: {e.Message}", e);
        }
    }

    void RemoveEndMark()
    {
        if (!_buffer.AsSpan(_start, _end - _start).EndsWith(GzipText.EndMark))
            throw Damaged();
        _end -= GzipText.EndMark.Length;
    }

    OrtPeftException Damaged(Exception? inner = null) =>
        DataError.At(Path, LineNumber + 1, "the gzip data is damaged or cut off. Compress or download the file again.", inner);

    static Stream Open(string path)
    {
        if (Directory.Exists(path))
            throw new OrtPeftException($"{path} is a folder; expected a .jsonl, .csv or .tsv file.");
        if (!File.Exists(path))
            throw new OrtPeftException($"{path} does not exist. Check the path; relative paths start at {Environment.CurrentDirectory}.");
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GzipText(file) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"{path} cannot be opened: {e.Message}", e);
        }
    }
}
