using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;

namespace OrtPeft;

/// <summary>
/// A shard while it is computed: the values of all tokens of its examples, without padding, filled in by several threads at disjoint
/// places, then written as one safetensors file.
/// </summary>
/// <remarks>
/// Tensors of the file: the site's name [tokens, width] F16 or F32; `offsets` [examples + 1] I64, first token of each example; `keys`
/// [examples, 16] U8, content hash; `ids` U8, the examples' ids in UTF-8 one after the other, cut by `id_offsets` [examples + 1] I64.
/// </remarks>
sealed class FeatureShardBuffer : IDisposable
{
    readonly FeatureFingerprint _fingerprint;
    readonly int _bytesPerToken;
    readonly long[] _offsets;
    byte[]? _values;
    int _runsLeft;

    internal FeatureShardBuffer(PlannedShard plan, FeatureFingerprint fingerprint)
    {
        Plan = plan;
        _fingerprint = fingerprint;
        _bytesPerToken = fingerprint.Width * SafetensorsEntry.ElementSizes[fingerprint.DType];
        _offsets = new long[plan.Examples.Count + 1];
        for (var i = 0; i < plan.Examples.Count; i++)
            _offsets[i + 1] = _offsets[i] + plan.Examples[i].Tokens.Length;
        _runsLeft = plan.Runs.Count;
    }

    internal PlannedShard Plan { get; }

    /// <summary>Stores the padded hidden states [count, length, width] of one run; true when it was the last run of the shard.</summary>
    internal bool Store(PlannedRun run, ReadOnlySpan<float> hidden, int length)
    {
        var values = EnsureValues();
        for (var i = 0; i < run.Count; i++)
        {
            var example = run.Start + i;
            var source = hidden.Slice(i * length * _fingerprint.Width, Plan.Examples[example].Tokens.Length * _fingerprint.Width);
            var target = values.AsSpan(checked((int)(_offsets[example] * _bytesPerToken)), source.Length * (_bytesPerToken / _fingerprint.Width));
            if (_fingerprint.DType == "F16")
                TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(target));
            else
                MemoryMarshal.AsBytes(source).CopyTo(target);
        }
        return Interlocked.Decrement(ref _runsLeft) == 0;
    }

    /// <summary>Writes the finished shard into <paramref name="folder"/>: whole or not at all.</summary>
    internal FeatureShardEntry Write(string folder)
    {
        var examples = Plan.Examples;
        var keys = new byte[examples.Count * FeatureKey.Bytes];
        var ids = examples.Select(e => Encoding.UTF8.GetBytes(e.Example.Id)).ToArray();
        var idOffsets = new long[examples.Count + 1];
        for (var i = 0; i < examples.Count; i++)
        {
            examples[i].Key.Write(keys.AsSpan(i * FeatureKey.Bytes));
            idOffsets[i + 1] = idOffsets[i] + ids[i].Length;
        }
        var tokens = _offsets[^1];
        var writer = new SafetensorsWriter()
            .Metadata("format", "ortpeft-features-1")
            .Metadata("fingerprint", _fingerprint.Hash)
            .Add(_fingerprint.Site, _fingerprint.DType, EnsureValues().AsMemory(0, checked((int)(tokens * _bytesPerToken))), tokens, _fingerprint.Width)
            .Add("offsets", _offsets, _offsets.Length)
            .Add("keys", "U8", keys, examples.Count, FeatureKey.Bytes)
            .Add("ids", "U8", ids.SelectMany(b => b).ToArray(), idOffsets[^1])
            .Add("id_offsets", idOffsets, idOffsets.Length);
        var name = FeatureShardEntry.NameOf(Plan.Number);
        var path = Path.Combine(folder, name);
        uint crc = 0;
        AtomicFile.Write(path, stream => crc = writer.WriteTo(stream));
        return new FeatureShardEntry(Plan.Number, name, examples.Count, tokens, new FileInfo(path).Length, Crc32C.Format(crc));
    }

    byte[] EnsureValues()
    {
        if (Volatile.Read(ref _values) is { } values)
            return values;
        var rented = ArrayPool<byte>.Shared.Rent(checked((int)(_offsets[^1] * _bytesPerToken)));
        if (Interlocked.CompareExchange(ref _values, rented, null) is { } other)
        {
            ArrayPool<byte>.Shared.Return(rented);
            return other;
        }
        return rented;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _values, null) is { } values)
            ArrayPool<byte>.Shared.Return(values);
    }
}
