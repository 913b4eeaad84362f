namespace OrtPeft;

/// <summary>What became of a data set's examples since the cache was last filled with it.</summary>
/// <param name="Added">Ids that are new.</param>
/// <param name="Changed">Ids whose text is another one.</param>
/// <param name="Dropped">Ids that are gone.</param>
public sealed record FeatureIndexChanges(int Added, int Changed, int Dropped);

/// <summary>
/// The examples of one data set by id, each with the content key of its text: `index-*.safetensors`. Features are found by content; this says
/// which content an id had.
/// </summary>
sealed record FeatureIndex(string Data, IReadOnlyDictionary<string, FeatureKey> Keys)
{
    const string Name = "data";

    internal static string FileOf(string data) => $"index-{FileHash.OfText(data)[..12]}.safetensors";

    /// <summary>The index of a data set, or null when there is none that is sound.</summary>
    internal static FeatureIndex? TryLoad(string folder, string data) => TryLoadFile(Path.Combine(folder, FileOf(data)));

    /// <summary>All indexes of a cache.</summary>
    internal static IEnumerable<FeatureIndex> All(string folder) =>
        Directory.EnumerateFiles(folder, "index-*.safetensors").Order(StringComparer.Ordinal).Select(TryLoadFile).OfType<FeatureIndex>();

    /// <summary>Writes the index if it says anything new, and says what.</summary>
    internal static FeatureIndexChanges Update(string folder, string data, IReadOnlyList<(string Id, FeatureKey Key)> examples)
    {
        var before = TryLoad(folder, data)?.Keys ?? new Dictionary<string, FeatureKey>();
        var now = new Dictionary<string, FeatureKey>(examples.Count);
        foreach (var (id, key) in examples)
            now[id] = key;
        var changes = new FeatureIndexChanges(now.Keys.Count(id => !before.ContainsKey(id)), now.Count(e => before.TryGetValue(e.Key, out var key) && key != e.Value),
            before.Keys.Count(id => !now.ContainsKey(id)));
        if (changes is not (0, 0, 0))
            new FeatureIndex(data, now).Save(folder);
        return changes;
    }

    void Save(string folder)
    {
        var keys = new byte[Keys.Count * FeatureKey.Bytes];
        var place = 0;
        foreach (var key in Keys.Values)
            key.Write(keys.AsSpan(FeatureKey.Bytes * place++));
        var (ids, offsets) = Strings.Pack(Keys.Keys);
        new SafetensorsWriter().Metadata(Name, Data).Add("id_offsets", offsets, offsets.Length).Add("keys", "U8", keys, Keys.Count, FeatureKey.Bytes).Add("ids", "U8", ids, ids.Length)
            .WithChecksum().Write(Path.Combine(folder, FileOf(Data)));
    }

    static FeatureIndex? TryLoadFile(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            file.VerifyChecksum();
            var ids = Strings.Unpack(file.Bytes(file["ids"], 0, checked((int)file["ids"].Length)).ToArray(), file.ReadInt64s("id_offsets"));
            var index = new FeatureIndex(file.Metadata.GetValueOrDefault(Name, ""), ids.Zip(FeatureCache.ReadKeys(file)).ToDictionary(e => e.First, e => e.Second));
            return Path.GetFileName(path) == FileOf(index.Data) ? index : null;
        }
        catch (Exception e) when (e is OrtPeftException or ArgumentException or OverflowException)
        {
            return null; // damaged: written anew from the data
        }
    }
}
