using Microsoft.Win32.SafeHandles;

namespace OrtPeft.Graphs.Files;

/// <summary>A file that holds tensors, as it was when it was first looked at; later reads insist that it is still the same.</summary>
sealed class SourceFile
{
    readonly DateTime _lastWrite;

    SourceFile(string path, FileInfo info)
    {
        Path = path;
        Length = info.Length;
        _lastWrite = info.LastWriteTimeUtc;
    }

    /// <summary>The full path.</summary>
    internal string Path { get; }

    internal long Length { get; }

    /// <summary>Notes length and time of an existing file that is not empty.</summary>
    internal static SourceFile At(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(path))
            throw new OnnxException($"'{path}' is a folder, expected a file.");
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new OnnxException($"The file '{path}' does not exist.");
        var file = new SourceFile(path, info.LinkTarget is null ? info : Target(info));
        // Pipes and devices report no length; opening one could wait for ever.
        return file.Length > 0 ? file : throw new OnnxException($"'{path}' is empty (0 bytes): the download or export did not finish.");
    }

    /// <summary>Opens the file, refusing one that was replaced or changed since.</summary>
    internal SafeFileHandle Open()
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxException($"Cannot read '{Path}': {e.Message}", e);
        }
        if (RandomAccess.GetLength(handle) == Length && File.GetLastWriteTimeUtc(handle) == _lastWrite)
            return handle;
        handle.Dispose();
        throw new OnnxException($"'{Path}' was changed since the model was opened. Open the model again.");
    }

    /// <summary>Reads bytes that are known to be there.</summary>
    internal void Read(long offset, Span<byte> destination)
    {
        using var handle = Open();
        Read(handle, offset, destination);
    }

    internal void Read(SafeFileHandle handle, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = ReadSome(handle, offset, destination);
            if (count == 0)
                throw new OnnxException($"'{Path}' ended while it was read. Open the model again.");
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Copies a part of the file to a stream in pieces.</summary>
    internal void CopyTo(Stream stream, long offset, long length)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent((int)Math.Min(length, 1 << 20));
        try
        {
            using var handle = Open();
            while (length > 0)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(length, buffer.Length));
                Read(handle, offset, piece);
                stream.Write(piece);
                offset += piece.Length;
                length -= piece.Length;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    int ReadSome(SafeFileHandle handle, long offset, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxException($"Cannot read '{Path}': {e.Message}", e);
        }
    }

    static FileInfo Target(FileInfo link)
    {
        try
        {
            return (FileInfo)link.ResolveLinkTarget(returnFinalTarget: true)! is { Exists: true } target
                ? target : throw new OnnxException($"'{link.FullName}' is a link to a file that does not exist.");
        }
        catch (IOException e)
        {
            throw new OnnxException($"'{link.FullName}' is a link that leads nowhere: {e.Message}", e);
        }
    }
}
