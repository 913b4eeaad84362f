using System.Buffers;
using System.Text;

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
/// <param name="data">Name of the data set.</param>
sealed class FeatureIndex(string data)
{
    const string Name = "data";

    readonly DigestTable _places = new();
    readonly List<FeatureKey> _keys = [];
    readonly List<long> _offsets = [0];
    readonly ArrayBufferWriter<byte> _ids = new();

    internal string Data => data;

    internal int Count => _keys.Count;

    /// <summary>The content key that an id has, or null.</summary>
    internal FeatureKey? this[string id] => _places.TryGet(DigestTable.Digest(id), out var place) ? _keys[place] : null;

    internal static string FileOf(string data) => $"index-{FileHash.OfText(data)[..12]}.safetensors";

    /// <summary>The index of a data set, or null when there is none that is sound.</summary>
    internal static FeatureIndex? TryLoad(string folder, string data) => TryLoadFile(Path.Combine(folder, FileOf(data)));

    /// <summary>All indexes of a cache.</summary>
    internal static IEnumerable<FeatureIndex> All(string folder) =>
        Directory.EnumerateFiles(folder, "index-*.safetensors").Order(StringComparer.Ordinal).Select(TryLoadFile).OfType<FeatureIndex>();

    /// <summary>Says which content an id has; what is said last counts. False when something was said before.</summary>
    internal bool Set(string id, FeatureKey key)
    {
        var digest = DigestTable.Digest(id);
        if (!_places.TryAdd(digest, _keys.Count))
        {
            _places.TryGet(digest, out var place);
            _keys[place] = key;
            return false;
        }
        _keys.Add(key);
        _ids.Write(Encoding.UTF8.GetBytes(id));
        _offsets.Add(_ids.WrittenCount);
        return true;
    }

    /// <summary>Takes the place of the index in <paramref name="folder"/> if it says anything new, and says what.</summary>
    internal FeatureIndexChanges Update(string folder)
    {
        var changes = ChangesSince(TryLoad(folder, data) ?? new FeatureIndex(data));
        if (changes is not (0, 0, 0))
            Save(folder);
        return changes;
    }

    FeatureIndexChanges ChangesSince(FeatureIndex before)
    {
        var (added, changed) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            if (before[Id(i)] is not { } key)
                added++;
            else if (key != _keys[i])
                changed++;
        }
        return new FeatureIndexChanges(added, changed, before.Count - (Count - added));
    }

    string Id(int place) => Encoding.UTF8.GetString(_ids.WrittenSpan[(int)_offsets[place]..(int)_offsets[place + 1]]);

    void Save(string folder)
    {
        var keys = new byte[Count * FeatureKey.Bytes];
        for (var i = 0; i < Count; i++)
            _keys[i].Write(keys.AsSpan(FeatureKey.Bytes * i));
        new SafetensorsWriter().Metadata(Name, data).Add("id_offsets", [.. _offsets], _offsets.Count).Add("keys", "U8", keys, Count, FeatureKey.Bytes)
            .Add("ids", "U8", _ids.WrittenMemory, _ids.WrittenCount).WithChecksum().Write(Path.Combine(folder, FileOf(data)));
    }

    static FeatureIndex? TryLoadFile(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            file.VerifyChecksum();
            var index = new FeatureIndex(file.Metadata.GetValueOrDefault(Name, ""));
            var (keys, offsets) = (FeatureCache.ReadKeys(file), file.ReadInt64s("id_offsets"));
            for (var i = 0; i < keys.Length; i++)
                index.Set(Encoding.UTF8.GetString(file.Bytes(file["ids"], offsets[i], checked((int)(offsets[i + 1] - offsets[i])))), keys[i]);
            return index.Count == keys.Length && Path.GetFileName(path) == FileOf(index.Data) ? index : null;
        }
        catch (Exception e) when (e is OrtPeftException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            return null; // damaged: written anew from the data
        }
    }
}
