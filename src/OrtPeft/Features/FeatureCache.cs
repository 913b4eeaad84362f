namespace OrtPeft;

/// <summary>
/// Reads cached features through memory maps. Safe for many threads and many readers at once, also while a job adds to the cache: what was
/// there when the cache was opened stays readable, <see cref="Refresh"/> takes up what came since.
/// </summary>
public sealed class FeatureCache : IDisposable
{
    readonly Dictionary<FeatureKey, Location> _index = [];
    readonly HashSet<int> _numbers = [];
    readonly FeatureDType _dtype;

    sealed record Shard(SafetensorsFile File, Column[] Columns);

    sealed record Column(SafetensorsEntry Values, SafetensorsEntry? Scales);

    readonly record struct Location(Shard Shard, long FirstRow, int Rows, int Example);

    readonly List<Shard> _shards = [];

    FeatureCache(string folder, FeatureManifest manifest)
    {
        Folder = folder;
        Fingerprint = manifest.Fingerprint;
        FingerprintHash = manifest.FingerprintHash;
        _dtype = FeatureCodec.Parse(Fingerprint.DType);
        Tensors = [.. Fingerprint.Tensors.Select(t => t.Name)];
        Width = Fingerprint.Tensors[0].Width;
        Add(manifest);
    }

    /// <summary>Opens a cache after comparing every shard with its checksum.</summary>
    /// <param name="folder">The cache's folder.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="OrtPeftException">There is no cache, or a shard is missing or damaged: run the caching job again.</exception>
    public static Task<FeatureCache> OpenAsync(string folder, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var manifest = Load(folder);
        foreach (var shard in manifest.Shards.AsParallel().WithCancellation(cancellationToken))
        {
            if (FeatureFolder.Fault(folder, shard) is { } fault)
                throw new OrtPeftException($"Feature cache '{folder}': {shard.File} is damaged or missing ({fault}). Run the caching job again; it computes what is needed.");
        }
        return new FeatureCache(folder, manifest);
    }, cancellationToken);

    /// <summary>Opens a cache whose shards were checked by the job that filled it.</summary>
    internal static FeatureCache Open(string folder) => new(folder, Load(folder));

    /// <summary>The cache's folder.</summary>
    public string Folder { get; }

    /// <summary>Names of the cached tensors, as in the backbone's graph.</summary>
    public IReadOnlyList<string> Tensors { get; }

    /// <summary>Values of a row of the first tensor.</summary>
    public int Width { get; }

    /// <summary>Different texts in the cache.</summary>
    public int Count => _index.Count;

    internal FeatureDType DType => _dtype;

    internal FeatureFingerprint Fingerprint { get; }

    internal string FingerprintHash { get; }

    internal IEnumerable<FeatureKey> Keys => _index.Keys;

    /// <summary>Takes up shards that were added since; nobody may be reading in the meantime.</summary>
    public void Refresh()
    {
        var manifest = Load(Folder);
        if (manifest.FingerprintHash != FingerprintHash)
            throw new OrtPeftException($"Feature cache '{Folder}' was replaced by another one. Open it again.");
        Add(manifest);
    }

    /// <summary>Whether the cache holds <paramref name="example"/>'s text.</summary>
    public bool Contains(Example example) => _index.ContainsKey(FeatureKey.Of(example));

    /// <summary>The stored rows of an example, row-major [rows, width], as float32.</summary>
    /// <param name="example">The example; its text decides.</param>
    /// <param name="tensor">Which of <see cref="Tensors"/>.</param>
    /// <exception cref="OrtPeftException">The cache does not hold it.</exception>
    public float[] Read(Example example, int tensor = 0)
    {
        var key = FeatureKey.Of(example);
        var values = new float[(Fingerprint.Tensors[tensor].HasTokens ? Length(key) : 1) * Fingerprint.Tensors[tensor].Width];
        Read(key, values, tensor);
        return values;
    }

    /// <summary>Rows of the example called <paramref name="key"/>: its tokens, if all are stored.</summary>
    internal int Length(FeatureKey key) => Find(key).Rows;

    /// <summary>Copies an example's rows, row-major [rows, width], as float32 into the front of <paramref name="target"/>; returns how many.</summary>
    internal int Read(FeatureKey key, Span<float> target, int tensor = 0)
    {
        var stored = Stored(key, out var scales, tensor);
        var width = Fingerprint.Tensors[tensor].Width;
        FeatureCodec.Decode(_dtype, stored, width, scales, target);
        return stored.Length / (width * FeatureCodec.Bytes(_dtype));
    }

    /// <summary>An example's rows as they are stored, row-major [rows, width], and of int8 the scale of each. Valid until this cache is disposed.</summary>
    internal ReadOnlySpan<byte> Stored(FeatureKey key, out ReadOnlySpan<float> scales, int tensor = 0)
    {
        var location = Find(key);
        var (column, about) = (location.Shard.Columns[tensor], Fingerprint.Tensors[tensor]);
        var (row, rows) = about.HasTokens ? (location.FirstRow, location.Rows) : (location.Example, 1);
        var rowBytes = about.Width * FeatureCodec.Bytes(_dtype);
        scales = column.Scales is { } s ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(location.Shard.File.Bytes(s, row * sizeof(float), rows * sizeof(float))) : [];
        return location.Shard.File.Bytes(column.Values, row * rowBytes, rows * rowBytes);
    }

    /// <summary>The rows in place, without a copy; only for caches of fp32. Valid until this cache is disposed.</summary>
    internal ReadOnlySpan<float> View(FeatureKey key)
    {
        if (_dtype != FeatureDType.Fp32 || !Fingerprint.Tensors[0].HasTokens)
            throw new InvalidOperationException("Only rows of float32 lie in the file as they are used.");
        var location = Find(key);
        var rowBytes = Width * sizeof(float);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
            location.Shard.File.Bytes(location.Shard.Columns[0].Values, location.FirstRow * rowBytes, location.Rows * rowBytes));
    }

    internal static FeatureKey[] ReadKeys(SafetensorsFile file)
    {
        var bytes = new byte[file["keys"].Length];
        file.Read<byte>(file["keys"], 0, bytes);
        var keys = new FeatureKey[bytes.Length / FeatureKey.Bytes];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = FeatureKey.Read(bytes.AsSpan(i * FeatureKey.Bytes));
        return keys;
    }

    static FeatureManifest Load(string folder) =>
        FeatureManifest.TryLoad(folder) ?? throw new OrtPeftException($"'{folder}' holds no feature cache ({FeatureManifest.FileName}).");

    void Add(FeatureManifest manifest)
    {
        foreach (var entry in manifest.Shards)
        {
            if (_numbers.Add(entry.Number))
                Add(SafetensorsFile.Open(Path.Combine(Folder, entry.File)));
        }
    }

    void Add(SafetensorsFile file)
    {
        var keys = ReadKeys(file);
        var offsets = file.ReadInt64s("offsets");
        var columns = Fingerprint.Tensors.Select(t => new Column(file[t.Name], _dtype == FeatureDType.Int8 ? file[t.Name + FeatureCodec.ScaleSuffix] : null)).ToArray();
        var isSound = file.Metadata.GetValueOrDefault("fingerprint") == FingerprintHash && offsets.Length == keys.Length + 1 && offsets[0] == 0
            && Fingerprint.Tensors.Zip(columns).All(c => IsSound(c.First, c.Second, c.First.HasTokens ? offsets[^1] : keys.Length));
        if (!isSound)
            throw SafetensorsFile.Broken(file.Path, "it is not a shard of this cache");
        var shard = new Shard(file, columns);
        _shards.Add(shard);
        for (var i = 0; i < keys.Length; i++)
        {
            if (offsets[i + 1] < offsets[i])
                throw SafetensorsFile.Broken(file.Path, "its offsets fall");
            _index.TryAdd(keys[i], new Location(shard, offsets[i], (int)(offsets[i + 1] - offsets[i]), i));
        }
    }

    bool IsSound(SiteTensor tensor, Column column, long rows) =>
        column.Values.DType == Fingerprint.DType && column.Values.Shape is [var n, var width] && n == rows && width == tensor.Width
        && (column.Scales is not { } scales || (scales.DType == "F32" && scales.Shape is [var m] && m == rows));

    Location Find(FeatureKey key) => _index.TryGetValue(key, out var location)
        ? location
        : throw new OrtPeftException($"The feature cache '{Folder}' does not hold all examples. Run the caching job for this data set first.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.File.Dispose();
    }
}
