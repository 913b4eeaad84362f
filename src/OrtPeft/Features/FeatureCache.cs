using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>Reads cached features through memory maps. Safe for many readers at once.</summary>
sealed class FeatureCache : IDisposable
{
    readonly List<SafetensorsFile> _shards = [];
    readonly Dictionary<FeatureKey, Location> _index = [];
    readonly string _site;
    readonly bool _half;

    readonly record struct Location(int Shard, long FirstToken, int Length);

    FeatureCache(string folder, FeatureManifest manifest)
    {
        Folder = folder;
        Width = manifest.Fingerprint.Width;
        _site = manifest.Fingerprint.Site;
        _half = manifest.Fingerprint.DType == "F16";
        foreach (var entry in manifest.Shards)
            Add(SafetensorsFile.Open(Path.Combine(folder, entry.File)), manifest.FingerprintHash);
    }

    /// <summary>Opens a cache whose shards were checked by the job that filled it.</summary>
    internal static FeatureCache Open(string folder)
    {
        var manifest = FeatureManifest.TryLoad(folder) ?? throw new OrtPeftException($"'{folder}' holds no feature cache ({FeatureManifest.FileName}).");
        return new FeatureCache(folder, manifest);
    }

    internal string Folder { get; }

    internal int Width { get; }

    /// <summary>Tokens of the example called <paramref name="key"/>.</summary>
    internal int Length(FeatureKey key) => Find(key).Length;

    /// <summary>Copies an example's values, row-major [length, width], as float32 into the front of <paramref name="target"/>.</summary>
    /// <param name="key">Which example.</param>
    /// <param name="target">At least length x width values.</param>
    /// <param name="scratch">At least length x width values, used when the cache stores half precision.</param>
    internal int Read(FeatureKey key, Span<float> target, Span<Half> scratch)
    {
        var location = Find(key);
        var file = _shards[location.Shard];
        var count = location.Length * Width;
        if (_half)
        {
            file.Read(file[_site], location.FirstToken * Width, scratch[..count]);
            TensorPrimitives.ConvertToSingle(scratch[..count], target[..count]);
        }
        else
        {
            file.Read(file[_site], location.FirstToken * Width, target[..count]);
        }
        return location.Length;
    }

    internal static FeatureKey[] ReadKeys(SafetensorsFile file)
    {
        var bytes = new byte[file["keys"].Length];
        file.Read<byte>(file["keys"], 0, bytes);
        return [.. bytes.Chunk(FeatureKey.Bytes).Select(b => FeatureKey.Read(b))];
    }

    void Add(SafetensorsFile file, string fingerprint)
    {
        _shards.Add(file);
        var keys = ReadKeys(file);
        var offsets = file.ReadInt64s("offsets");
        var tokens = file[_site].Shape[0];
        if (file.Metadata.GetValueOrDefault("fingerprint") != fingerprint || offsets.Length != keys.Length + 1 || offsets[0] != 0 || offsets[^1] != tokens)
            throw SafetensorsFile.Broken(file.Path, "it is not a shard of this cache");
        for (var i = 0; i < keys.Length; i++)
        {
            if (offsets[i + 1] < offsets[i])
                throw SafetensorsFile.Broken(file.Path, "its offsets fall");
            _index.TryAdd(keys[i], new Location(_shards.Count - 1, offsets[i], (int)(offsets[i + 1] - offsets[i])));
        }
    }

    Location Find(FeatureKey key) => _index.TryGetValue(key, out var location)
        ? location
        : throw new OrtPeftException($"The feature cache '{Folder}' does not hold all examples. Run the caching job for this data set first.");

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }
}
