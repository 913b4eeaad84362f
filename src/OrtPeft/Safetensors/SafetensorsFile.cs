using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// Reads a safetensors file through a memory map; only what is asked for is copied. The header is checked as the format demands: size,
/// names, dtypes, shapes, and that the tensors tile the data without holes or overlaps.
/// </summary>
sealed class SafetensorsFile : IDisposable
{
    /// <summary>Metadata key of the checksum over all tensors' bytes.</summary>
    internal const string ChecksumKey = "crc32c";

    const int MaxHeaderBytes = 100_000_000;

    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;
    readonly unsafe byte* _start;

    unsafe SafetensorsFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, IReadOnlyDictionary<string, SafetensorsEntry> tensors,
        IReadOnlyDictionary<string, string> metadata)
    {
        Path = path;
        _file = file;
        _view = view;
        Tensors = tensors;
        Metadata = metadata;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    internal string Path { get; }

    internal IReadOnlyDictionary<string, SafetensorsEntry> Tensors { get; }

    internal IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="OrtPeftException">The file is missing or breaks a rule of the format; the message names the rule.</exception>
    internal static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new OrtPeftException($"File '{path}' does not exist.");
        var size = new FileInfo(path).Length;
        if (size < 10)
            throw Broken(path, $"it has {size} bytes; a safetensors file has at least 10");

        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, size, MemoryMappedFileAccess.Read);
            var headerLength = view.ReadUInt64(0);
            if (headerLength < 2 || headerLength > MaxHeaderBytes || headerLength > (ulong)size - 8)
                throw Broken(path, $"its header claims {headerLength} bytes of a file of {size}");
            var header = new byte[headerLength];
            view.SafeMemoryMappedViewHandle.ReadSpan<byte>(8, header);
            var (tensors, metadata) = SafetensorsHeader.Parse(path, header, 8 + (long)headerLength, size);
            return new SafetensorsFile(path, file, view, tensors, metadata);
        }
        catch (Exception e)
        {
            view?.Dispose();
            file?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new OrtPeftException($"File '{path}' cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The entry called <paramref name="name"/>; an error that lists what there is, if it is missing.</summary>
    internal SafetensorsEntry this[string name] => Tensors.TryGetValue(name, out var entry)
        ? entry
        : throw Broken(Path, $"it has no tensor '{name}'; it has {string.Join(", ", Tensors.Keys.Take(8).Select(n => $"'{n}'"))}");

    /// <summary>Copies <paramref name="target"/>.Length elements, beginning at element <paramref name="start"/>, as they are stored.</summary>
    internal void Read<T>(SafetensorsEntry entry, long start, Span<T> target)
        where T : unmanaged
    {
        var size = Marshal.SizeOf<T>();
        if (start < 0 || (start + target.Length) * size > entry.Length)
            throw new ArgumentOutOfRangeException(nameof(start), $"Tensor '{entry.Name}' has {entry.Length / size} elements.");
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(entry.Offset + start * size), target);
    }

    /// <summary>The bytes from <paramref name="start"/> on, in place: valid until this file is disposed, not a moment longer.</summary>
    internal unsafe ReadOnlySpan<byte> Bytes(SafetensorsEntry entry, long start, int count)
    {
        if (start < 0 || count < 0 || start + count > entry.Length)
            throw new ArgumentOutOfRangeException(nameof(start), $"Tensor '{entry.Name}' has {entry.Length} bytes.");
        return new ReadOnlySpan<byte>(_start + entry.Offset + start, count);
    }

    /// <summary>Compares the tensors' bytes with the checksum that the writer stored.</summary>
    /// <exception cref="OrtPeftException">They differ, or there is no checksum.</exception>
    internal void VerifyChecksum()
    {
        uint crc = 0;
        var buffer = new byte[1 << 16];
        foreach (var entry in Tensors.Values.OrderBy(t => t.Offset))
        {
            for (long done = 0; done < entry.Length; done += buffer.Length)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.Length - done));
                _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(entry.Offset + done), part);
                crc = Crc32C.Compute(part, crc);
            }
        }
        if (Metadata.GetValueOrDefault(ChecksumKey) is not { } expected)
            throw Broken(Path, "it has no checksum");
        if (expected != Crc32C.Format(crc))
            throw Broken(Path, $"its values have the checksum {Crc32C.Format(crc)}; expected {expected}. It was damaged after it was written");
    }

    /// <summary>A whole tensor of F32, F16, BF16 or F64 as float32.</summary>
    internal float[] ReadSingles(string name)
    {
        var entry = this[name];
        var values = new float[checked((int)(entry.Length / SafetensorsEntry.ElementSizes[entry.DType]))];
        switch (entry.DType)
        {
            case "F32":
                Read<float>(entry, 0, values);
                break;
            case "F16":
                var halves = new Half[values.Length];
                Read<Half>(entry, 0, halves);
                TensorPrimitives.ConvertToSingle(halves, values);
                break;
            case "BF16":
                var upper = new ushort[values.Length];
                Read<ushort>(entry, 0, upper);
                for (var i = 0; i < upper.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
            case "F64":
                var doubles = new double[values.Length];
                Read<double>(entry, 0, doubles);
                TensorPrimitives.ConvertTruncating<double, float>(doubles, values);
                break;
            default:
                throw Broken(Path, $"tensor '{name}' is {entry.DType}; expected F32, F16, BF16 or F64");
        }
        return values;
    }

    /// <summary>A whole tensor of I64.</summary>
    internal long[] ReadInt64s(string name)
    {
        var entry = this[name];
        if (entry.DType != "I64")
            throw Broken(Path, $"tensor '{name}' is {entry.DType}; expected I64");
        var values = new long[entry.Length / 8];
        Read<long>(entry, 0, values);
        return values;
    }

    public void Dispose()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    internal static OrtPeftException Broken(string path, string reason) =>
        new($"'{path}' is not a sound safetensors file: {reason}.");
}
