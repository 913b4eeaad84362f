using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace OrtPeft;

/// <summary>
/// A shard while it is computed: the stored rows of its examples, without padding, written by several threads into disjoint places of one
/// safetensors file, which appears when all are there. In memory is what is being computed, never a shard. What lies in the file: README.md
/// beside this one.
/// </summary>
sealed class FeatureShardWriter : IDisposable
{
    internal const string Format = "ortpeft-features-2";

    readonly Lock _gate = new();
    readonly FeatureFingerprint _fingerprint;
    readonly FeatureDType _dtype;
    readonly TokenChoice _keep;
    readonly long[] _offsets;
    readonly List<Section> _sections = [];
    readonly PendingFile _file;
    readonly int _headerLength;
    int _runsLeft;

    /// <summary>Begins the shard's file in <paramref name="folder"/>.</summary>
    /// <exception cref="OrtPeftException">It cannot be written.</exception>
    internal FeatureShardWriter(PlannedShard plan, FeatureFingerprint fingerprint, string folder)
    {
        Plan = plan;
        _fingerprint = fingerprint;
        _dtype = FeatureCodec.Parse(fingerprint.DType);
        _keep = TokenChoice.Parse(fingerprint.Tokens);
        _runsLeft = plan.Runs.Count;
        _offsets = new long[plan.Examples.Count + 1];
        for (var i = 0; i < plan.Examples.Count; i++)
            _offsets[i + 1] = _offsets[i] + _keep.Rows(plan.Examples[i].Tokens.Length);
        var keys = new byte[plan.Examples.Count * FeatureKey.Bytes];
        for (var i = 0; i < plan.Examples.Count; i++)
            plan.Examples[i].Key.Write(keys.AsSpan(i * FeatureKey.Bytes));
        var (ids, idOffsets) = Strings.Pack(plan.Examples.Select(e => e.Id));
        // Numbers of eight bytes first, then of four, then the rest: every tensor lies at a multiple of its element's size.
        var known = new[] { MemoryMarshal.AsBytes<long>(_offsets).ToArray(), MemoryMarshal.AsBytes<long>(idOffsets).ToArray(), keys, ids };
        var (offsetsSection, idOffsetsSection) = (Add("offsets", "I64", _offsets.Length), Add("id_offsets", "I64", idOffsets.Length));
        foreach (var tensor in fingerprint.Tensors.Where(_ => _dtype == FeatureDType.Int8))
            Add(tensor.Name + FeatureCodec.ScaleSuffix, "F32", Row(tensor, plan.Examples.Count));
        foreach (var tensor in fingerprint.Tensors)
            Add(tensor.Name, fingerprint.DType, Row(tensor, plan.Examples.Count), tensor.Width);
        Section[] sections = [offsetsSection, idOffsetsSection, Add("keys", "U8", plan.Examples.Count, FeatureKey.Bytes), Add("ids", "U8", ids.Length)];
        _headerLength = Header().Length;
        _file = new PendingFile(Path.Combine(folder, FeatureShardEntry.NameOf(plan.Number)));
        try
        {
            foreach (var (section, bytes) in sections.Zip(known))
                Write(section, 0, bytes);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    internal PlannedShard Plan { get; }

    /// <summary>Stores one tensor of the examples from <paramref name="first"/> on: [count, length, width], or [count, width] without tokens.</summary>
    internal void Store(int tensor, int first, int count, ReadOnlySpan<float> values, int length, FeatureErrorMeter? meter = null)
    {
        var about = _fingerprint.Tensors[tensor];
        var (row, end) = (Row(about, first), Row(about, first + count));
        var rows = ArrayPool<float>.Shared.Rent(checked((int)(end - row) * about.Width));
        var stored = ArrayPool<byte>.Shared.Rent(checked((int)(end - row) * about.Width * FeatureCodec.Bytes(_dtype)));
        var scales = _dtype == FeatureDType.Int8 ? new float[end - row] : [];
        try
        {
            var kept = rows.AsSpan(0, (int)(end - row) * about.Width);
            var filled = 0;
            for (var i = 0; i < count; i++)
                filled += FeatureRows.Copy(_keep, about, values, i, length, Plan.Examples[first + i].Tokens.Length, kept[filled..]);
            meter?.Add(kept, about.Width);
            FeatureCodec.Encode(_dtype, kept, about.Width, stored, scales);
            Write(Find(about.Name), row * about.Width * FeatureCodec.Bytes(_dtype), stored.AsMemory(0, kept.Length * FeatureCodec.Bytes(_dtype)));
            if (scales.Length > 0)
                Write(Find(about.Name + FeatureCodec.ScaleSuffix), row * sizeof(float), MemoryMarshal.AsBytes<float>(scales).ToArray());
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>One more run is stored; true when it was the last of the shard.</summary>
    internal bool EndRun() => Interlocked.Decrement(ref _runsLeft) == 0;

    /// <summary>All is stored: the file takes its place.</summary>
    internal FeatureShardEntry Complete()
    {
        var header = Header();
        _file.WriteAt(0, header);
        _file.Commit();
        var crc = _sections.Aggregate(Crc32C.Compute(header), (crc, section) => Crc32C.Combine(crc, section.Crc32c, section.Length));
        return new FeatureShardEntry(Plan.Number, FeatureShardEntry.NameOf(Plan.Number), Plan.Examples.Count, Plan.Tokens,
            header.Length + _sections.Sum(s => s.Length), Crc32C.Format(crc));
    }

    /// <summary>The header; as long as it will be from the beginning on, because a checksum always has eight digits.</summary>
    byte[] Header()
    {
        var metadata = new Dictionary<string, string> { ["format"] = Format, ["fingerprint"] = _fingerprint.Hash };
        foreach (var section in _sections)
            metadata[$"{SafetensorsFile.ChecksumKey}:{section.Name}"] = Crc32C.Format(section.Crc32c);
        return SafetensorsHeader.Write(metadata, _sections.Select(s => (s.Name, s.DType, s.Shape, s.Length)));
    }

    Section Add(string name, string dtype, params long[] shape)
    {
        var start = _sections.Count == 0 ? 0 : _sections[^1].Start + _sections[^1].Length;
        _sections.Add(new Section(name, dtype, shape, start));
        return _sections[^1];
    }

    Section Find(string name) => _sections.First(s => s.Name == name);

    /// <summary>The row at which an example begins.</summary>
    long Row(SiteTensor tensor, int example) => tensor.HasTokens ? _offsets[example] : example;

    void Write(Section section, long position, ReadOnlyMemory<byte> bytes)
    {
        _file.WriteAt(_headerLength + section.Start + position, bytes);
        var crc = Crc32C.Compute(bytes.Span);
        lock (_gate)
            section.Pieces[position] = (crc, bytes.Length);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>One tensor of the file, written in pieces.</summary>
    sealed record Section(string Name, string DType, long[] Shape, long Start)
    {
        internal long Length { get; } = Shape.Aggregate(1L, (a, b) => checked(a * b)) * SafetensorsEntry.ElementSizes[DType];

        internal SortedDictionary<long, (uint Crc32c, int Length)> Pieces { get; } = [];

        internal uint Crc32c => Pieces.Values.Aggregate(0u, (crc, piece) => Crc32C.Combine(crc, piece.Crc32c, piece.Length));
    }
}

/// <summary>What is stored of the output of a run.</summary>
static class FeatureRows
{
    /// <summary>Rows kept of a text of so many tokens.</summary>
    internal static int Count(TokenChoice keep, SiteTensor tensor, int tokens) => tensor.HasTokens ? keep.Rows(tokens) : 1;

    /// <summary>
    /// Copies the rows kept of one text, without padding, from <paramref name="output"/> [texts, length, width], or [texts, width] without
    /// tokens, into the front of <paramref name="target"/>; returns the values copied.
    /// </summary>
    internal static int Copy(TokenChoice keep, SiteTensor tensor, ReadOnlySpan<float> output, int text, int length, int tokens, Span<float> target)
    {
        var values = Count(keep, tensor, tokens) * tensor.Width;
        if (tensor.HasTokens)
            keep.Select(output.Slice(text * length * tensor.Width, tokens * tensor.Width), tensor.Width, target[..values]);
        else
            output.Slice(text * tensor.Width, tensor.Width).CopyTo(target);
        return values;
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
}
