using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace OrtPeft;

/// <summary>
/// Writes a TensorBoard event file: records of a length, the payload, and a masked CRC32C of each. The payload is a protobuf message
/// `tensorflow.Event`, of which only four fields are needed, so it is encoded here.
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    const string FilePrefix = "events.out.tfevents.";
    const string FileSuffix = ".ortpeft";

    readonly FileStream _file;

    /// <summary>Opens an event file in <paramref name="folder"/> and writes the epochs of an earlier, interrupted part of the run into it.
    /// Event files already there are of that earlier part and are removed.</summary>
    /// <exception cref="OrtPeftException">The folder cannot be written.</exception>
    public TensorBoardWriter(string folder, DateTimeOffset started, IEnumerable<EpochResult>? earlier = null)
    {
        var seconds = started.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var old in Directory.EnumerateFiles(folder, FilePrefix + "*" + FileSuffix))
                File.Delete(old);
            _file = new FileStream(Path.Combine(folder, $"{FilePrefix}{seconds}{FileSuffix}"), FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OrtPeftException($"Cannot write TensorBoard files to '{folder}': {e.Message}", e);
        }
        WriteRecord(Event(started, step: 0, fileVersion: "brain.Event:2"));
        foreach (var epoch in earlier ?? [])
            Add(epoch);
        _file.Flush();
    }

    /// <summary>Writes the losses, metrics and learning rate of an epoch, and histograms of <paramref name="values"/>; the step is the epoch.</summary>
    public void Add(EpochResult epoch, IEnumerable<TrainedTensor>? values = null)
    {
        foreach (var (name, value) in EpochNumbers.Of(epoch))
            WriteRecord(Event(epoch.Time, epoch.Epoch, summary: Scalar(name, (float)value)));
        foreach (var tensor in values ?? [])
            WriteRecord(Event(epoch.Time, epoch.Epoch, summary: Histogram(tensor.Name, ValueHistogram.Of(tensor.Values))));
        _file.Flush();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C (Castagnoli) of the bytes, rotated and offset as the format asks, so that the CRC of data that holds CRCs is still
    /// good.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Crc32C.Compute(bytes), 15) + 0xa282ead8;

    void WriteRecord(byte[] payload)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc(header[..8]));
        Span<byte> footer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(payload));
        _file.Write(header);
        _file.Write(payload);
        _file.Write(footer);
    }

    // message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
    static byte[] Event(DateTimeOffset time, long step, string? fileVersion = null, byte[]? summary = null)
    {
        using MemoryStream message = new();
        using BinaryWriter writer = new(message);
        writer.Write(Key(1, Fixed64));
        writer.Write((time - DateTimeOffset.UnixEpoch).TotalSeconds);
        writer.Write(Key(2, Varint));
        writer.Write7BitEncodedInt64(step);
        if (fileVersion is not null)
            Bytes(writer, field: 3, Encoding.UTF8.GetBytes(fileVersion));
        if (summary is not null)
            Bytes(writer, field: 5, summary);
        return message.ToArray();
    }

    // message Value { string tag = 1; float simple_value = 2; HistogramProto histo = 5; }
    static byte[] Scalar(string tag, float number) => Summary(tag, writer =>
    {
        writer.Write(Key(2, Fixed32));
        writer.Write(number);
    });

    // message HistogramProto { double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    //   repeated double bucket_limit = 6; repeated double bucket = 7; }
    static byte[] Histogram(string tag, ValueHistogram histogram)
    {
        using MemoryStream message = new();
        using BinaryWriter writer = new(message);
        double[] numbers = [histogram.Min, histogram.Max, histogram.Count, histogram.Sum, histogram.SumOfSquares];
        for (var i = 0; i < numbers.Length; i++)
        {
            writer.Write(Key(i + 1, Fixed64));
            writer.Write(numbers[i]);
        }
        Bytes(writer, field: 6, [.. histogram.Limits.SelectMany(BitConverter.GetBytes)]);
        Bytes(writer, field: 7, [.. histogram.Counts.SelectMany(c => BitConverter.GetBytes((double)c))]);
        return Summary(tag, outer => Bytes(outer, field: 5, message.ToArray()));
    }

    // message Summary { repeated Value value = 1; }
    static byte[] Summary(string tag, Action<BinaryWriter> content)
    {
        using MemoryStream value = new();
        using BinaryWriter writer = new(value);
        Bytes(writer, field: 1, Encoding.UTF8.GetBytes(tag));
        content(writer);

        using MemoryStream summary = new();
        using BinaryWriter outer = new(summary);
        Bytes(outer, field: 1, value.ToArray());
        return summary.ToArray();
    }

    const int Varint = 0;
    const int Fixed64 = 1;
    const int Delimited = 2;
    const int Fixed32 = 5;

    static byte Key(int field, int wireType) => (byte)(field << 3 | wireType);

    static void Bytes(BinaryWriter writer, int field, byte[] bytes)
    {
        writer.Write(Key(field, Delimited));
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes);
    }
}
