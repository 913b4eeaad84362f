using OrtPeft.Graphs.Files;

namespace OrtPeft.Graphs;

/// <summary>How the elements are stored: the field of TensorProto. All but varints and strings are little-endian elements in a row.</summary>
enum TensorEncoding
{
    Raw,
    Floats,
    Doubles,
    Int32Varints,
    Int64Varints,
    UInt64Varints,
    Strings,
}

/// <summary>The contents of a tensor: bytes in memory, or a part of a file that is read only when asked for.</summary>
public sealed class TensorData
{
    readonly ReadOnlyMemory<byte> _inline;
    readonly SourceFile? _file;
    readonly long _offset;

    internal TensorData(ReadOnlyMemory<byte> bytes, TensorEncoding encoding = TensorEncoding.Raw)
    {
        _inline = bytes;
        Length = bytes.Length;
        Encoding = encoding;
    }

    internal TensorData(SourceFile file, long offset, long length, TensorEncoding encoding = TensorEncoding.Raw, bool isExternal = false)
    {
        _file = file;
        _offset = offset;
        Length = length;
        Encoding = encoding;
        IsExternal = isExternal;
    }

    internal static TensorData Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>Bytes as stored.</summary>
    public long Length { get; }

    /// <summary>The file the bytes lie in; null when they are in memory.</summary>
    public string? Path => _file?.Path;

    /// <summary>Where in the file the bytes begin; 0 when they are in memory.</summary>
    public long Offset => _offset;

    /// <summary>Whether the file is external data, not the model file.</summary>
    public bool IsExternal { get; }

    internal TensorEncoding Encoding { get; }

    internal ReadOnlyMemory<byte> Inline => _inline;

    internal void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        if (_file is null)
            _inline.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        else
            _file.Read(_offset + offset, destination);
    }

    internal void CopyTo(Stream stream)
    {
        if (_file is null)
            stream.Write(_inline.Span);
        else
            _file.CopyTo(stream, _offset, Length);
    }
}
