namespace OrtPeft;

/// <summary>
/// A file that is being written beside its place and appears there whole or not at all: temporary file, flush to disk, rename. The temporary
/// file is locked, and its name says who writes it.
/// </summary>
sealed class PendingFile : IDisposable
{
    readonly string _path;
    readonly string _folder;
    readonly string _temporary;
    FileStream? _stream;

    /// <exception cref="OrtPeftException">The folder cannot be made or written.</exception>
    internal PendingFile(string path)
    {
        _path = path;
        _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        // Containers that share a folder share numbers of processes, but not names.
        _temporary = Path.Combine(_folder, $".{Path.GetFileName(path)}.{Environment.MachineName}.{Environment.ProcessId}.tmp");
        Guarded(() =>
        {
            Directory.CreateDirectory(_folder);
            _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        });
    }

    /// <summary>Writes through a stream, from the beginning.</summary>
    internal void Write(Action<Stream> write) => Guarded(() => write(_stream!));

    /// <summary>Writes at a place of its own; safe for many threads.</summary>
    internal void WriteAt(long position, ReadOnlyMemory<byte> bytes) => Guarded(() => RandomAccess.Write(_stream!.SafeFileHandle, bytes.Span, position));

    /// <summary>The file is whole: it takes its place.</summary>
    internal void Commit() => Guarded(() =>
    {
        _stream!.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _stream = null;
        AtomicFile.SyncFolder(_folder);
    });

    void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"Cannot write '{_path}': {Reason(e)} Nothing was changed there.", e);
        }
    }

    string Reason(Exception e) => e switch
    {
        _ when Directory.Exists(_path) => "it is a folder; name a file.",
        _ when File.Exists(_folder) => $"'{_folder}' is a file; choose another folder.",
        UnauthorizedAccessException => "no permission; choose a folder you may write to.",
        IOException { HResult: 28 or 122 or unchecked((int)0x80070070) } => "the disk is full; make room and run the same command again.",
        IOException { HResult: 30 } => "the file system is read-only; choose another folder.",
        DirectoryNotFoundException or FileNotFoundException => $"folder '{_folder}' cannot be made; choose another one.",
        _ => e.Message,
    };

    /// <summary>Leaves nothing behind, unless it was committed.</summary>
    public void Dispose()
    {
        if (_stream is null)
            return;
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is not wanted any more.
        }
        _stream = null;
        AtomicFile.Delete(_temporary);
    }
}
