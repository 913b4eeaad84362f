using System.Buffers;
using System.Text;

namespace OrtPeft;

/// <summary>
/// A shard while it is computed: the stored rows of its examples, without padding, filled in by several threads at disjoint places, then
/// written as one safetensors file. What lies in the file: README.md beside this one.
/// </summary>
sealed class FeatureShardBuffer : IDisposable
{
    internal const string Format = "ortpeft-features-2";

    readonly FeatureFingerprint _fingerprint;
    readonly FeatureDType _dtype;
    readonly TokenChoice _tokens;
    readonly long[] _offsets;
    readonly Column[] _columns;
    int _runsLeft;

    internal FeatureShardBuffer(PlannedShard plan, FeatureFingerprint fingerprint)
    {
        Plan = plan;
        _fingerprint = fingerprint;
        _dtype = FeatureCodec.Parse(fingerprint.DType);
        _tokens = TokenChoice.Parse(fingerprint.Tokens);
        _offsets = new long[plan.Examples.Count + 1];
        for (var i = 0; i < plan.Examples.Count; i++)
            _offsets[i + 1] = _offsets[i] + _tokens.Rows(plan.Examples[i].Tokens.Length);
        _columns = [.. fingerprint.Tensors.Select(t => new Column(t, checked((int)(t.HasTokens ? _offsets[^1] : plan.Examples.Count)), _dtype))];
        _runsLeft = plan.Runs.Count;
    }

    internal PlannedShard Plan { get; }

    /// <summary>Stores one tensor of the examples from <paramref name="first"/> on: [count, length, width], or [count, width] without tokens.</summary>
    internal void Store(int tensor, int first, int count, ReadOnlySpan<float> values, int length, FeatureErrorMeter? meter = null)
    {
        var column = _columns[tensor];
        var width = column.Tensor.Width;
        var perExample = column.Tensor.HasTokens ? length * width : width;
        for (var i = 0; i < count; i++)
        {
            var tokens = Plan.Examples[first + i].Tokens.Length;
            var source = values.Slice(i * perExample, column.Tensor.HasTokens ? tokens * width : width);
            if (!column.Tensor.HasTokens)
                column.Store(_dtype, first + i, source);
            else if (_tokens.IsAll)
                column.Store(_dtype, _offsets[first + i], source);
            else
                StoreChosen(column, _offsets[first + i], _tokens.Rows(tokens), source);
            meter?.Add(source, width);
        }
    }

    /// <summary>What is stored of an example; only while values are kept as float32.</summary>
    internal ReadOnlySpan<float> Rows(int tensor, int example)
    {
        var (column, width) = (_columns[tensor], _columns[tensor].Tensor.Width);
        var (first, end) = column.Tensor.HasTokens ? (_offsets[example], _offsets[example + 1]) : (example, example + 1);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(column.Stored.Span).Slice((int)first * width, (int)(end - first) * width);
    }

    /// <summary>One more run is stored; true when it was the last of the shard.</summary>
    internal bool EndRun() => Interlocked.Decrement(ref _runsLeft) == 0;

    /// <summary>Writes the finished shard into <paramref name="folder"/>: whole or not at all.</summary>
    internal FeatureShardEntry Write(string folder)
    {
        var examples = Plan.Examples;
        var keys = new byte[examples.Count * FeatureKey.Bytes];
        for (var i = 0; i < examples.Count; i++)
            examples[i].Key.Write(keys.AsSpan(i * FeatureKey.Bytes));
        var (ids, idOffsets) = Strings.Pack(examples.Select(e => e.Id));
        // Numbers of eight bytes first, then of four, then the rest: every tensor lies at a multiple of its element's size.
        var writer = new SafetensorsWriter()
            .Metadata("format", Format)
            .Metadata("fingerprint", _fingerprint.Hash)
            .Add("offsets", _offsets, _offsets.Length)
            .Add("id_offsets", idOffsets, idOffsets.Length);
        foreach (var column in _columns.Where(c => c.Scales.Length > 0))
            writer.Add(column.Tensor.Name + FeatureCodec.ScaleSuffix, column.Scales, column.Rows);
        foreach (var column in _columns)
            writer.Add(column.Tensor.Name, _fingerprint.DType, column.Stored, column.Rows, column.Tensor.Width);
        writer.Add("keys", "U8", keys, examples.Count, FeatureKey.Bytes).Add("ids", "U8", ids, ids.Length).WithChecksums();
        var name = FeatureShardEntry.NameOf(Plan.Number);
        var path = Path.Combine(folder, name);
        uint crc = 0;
        AtomicFile.Write(path, stream => crc = writer.WriteTo(stream));
        return new FeatureShardEntry(Plan.Number, name, examples.Count, Plan.Tokens, new FileInfo(path).Length, Crc32C.Format(crc));
    }

    void StoreChosen(Column column, long row, int rows, ReadOnlySpan<float> source)
    {
        var chosen = ArrayPool<float>.Shared.Rent(rows * column.Tensor.Width);
        _tokens.Select(source, column.Tensor.Width, chosen);
        column.Store(_dtype, row, chosen.AsSpan(0, rows * column.Tensor.Width));
        ArrayPool<float>.Shared.Return(chosen);
    }

    public void Dispose()
    {
        foreach (var column in _columns)
            column.Dispose();
    }

    /// <summary>The stored rows of one tensor; memory is taken when the first come.</summary>
    sealed class Column(SiteTensor tensor, int rows, FeatureDType dtype) : IDisposable
    {
        readonly int _rowBytes = tensor.Width * FeatureCodec.Bytes(dtype);
        byte[]? _stored;

        internal SiteTensor Tensor => tensor;

        internal int Rows => rows;

        internal float[] Scales { get; } = dtype == FeatureDType.Int8 ? new float[rows] : [];

        internal ReadOnlyMemory<byte> Stored => Ensure().AsMemory(0, rows * _rowBytes);

        internal void Store(FeatureDType dtype, long row, ReadOnlySpan<float> values)
        {
            var count = values.Length / tensor.Width;
            var scales = Scales.Length == 0 ? [] : Scales.AsSpan((int)row, count);
            FeatureCodec.Encode(dtype, values, tensor.Width, Ensure().AsSpan((int)row * _rowBytes, count * _rowBytes), scales);
        }

        byte[] Ensure()
        {
            if (Volatile.Read(ref _stored) is { } stored)
                return stored;
            var rented = ArrayPool<byte>.Shared.Rent(checked(rows * _rowBytes));
            if (Interlocked.CompareExchange(ref _stored, rented, null) is not { } other)
                return rented;
            ArrayPool<byte>.Shared.Return(rented);
            return other;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _stored, null) is { } stored)
                ArrayPool<byte>.Shared.Return(stored);
        }
    }
}

/// <summary>Strings as one tensor of UTF-8 bytes and their offsets.</summary>
static class Strings
{
    internal static (byte[] Bytes, long[] Offsets) Pack(IEnumerable<string> strings)
    {
        using var bytes = new MemoryStream();
        var offsets = new List<long> { 0 };
        foreach (var text in strings)
        {
            bytes.Write(Encoding.UTF8.GetBytes(text));
            offsets.Add(bytes.Length);
        }
        return (bytes.ToArray(), [.. offsets]);
    }

    internal static string[] Unpack(byte[] bytes, long[] offsets) =>
        [.. offsets.Skip(1).Select((end, i) => Encoding.UTF8.GetString(bytes, checked((int)offsets[i]), checked((int)(end - offsets[i]))))];
}
