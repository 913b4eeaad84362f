namespace OrtPeft;

/// <summary>A cache that is being filled: what it holds, what is planned, and how finished shards are entered. Safe for many threads.</summary>
sealed class FeatureStore : IDisposable
{
    readonly Lock _gate = new();
    readonly FeatureLock? _lock;
    readonly OrtPeftException? _lockError;
    readonly FeaturePart? _part;
    readonly DigestTable _shardOf;
    readonly HashSet<int> _stored;
    FeatureManifest _all;
    FeatureManifest _own;
    bool _isOpen;
    bool _isMerged;

    /// <summary>Opens the cache in <paramref name="folder"/>; every shard is compared with its checksum.</summary>
    internal FeatureStore(string folder, FeatureFingerprint fingerprint, FeaturePart? part, List<string> notices)
    {
        Folder = folder;
        Fingerprint = fingerprint;
        _part = part;
        // A complete cache may be read by as many processes as like; only adding to it needs the lock.
        _lock = FeatureLock.TryTake(folder, part?.LockName ?? FeatureLock.FileName, notices, out _lockError);
        if (_lock != null && part is null)
            AtomicFile.DeleteLeftovers(folder);
        _all = FeatureFolder.LoadChecked(folder, fingerprint, notices);
        _own = part is null ? _all : FeatureManifest.TryLoadFile(folder, part.FileName) ?? FeatureManifest.Empty(fingerprint);
        _shardOf = FeatureFolder.StoredKeys(folder, _all);
        _stored = [.. _all.Shards.Select(s => s.Number)];
        _own = _own with { Shards = [.. _own.Shards.Where(s => _stored.Contains(s.Number))] };
    }

    internal string Folder { get; }

    internal FeatureFingerprint Fingerprint { get; }

    /// <summary>Whether it holds anything.</summary>
    internal bool IsEmpty => _shardOf.Count == 0;

    internal bool Holds(FeatureKey key) => _shardOf.TryGet(key.Value, out var shard) && _stored.Contains(shard);

    /// <summary>Whether the window was planned before.</summary>
    internal bool Knows(FeatureWindow window) => _all.Windows.Any(w => w.Data == window.Data);

    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _all.Shards.Sum(s => s.Bytes);
        }
    }

    /// <summary>
    /// The shards to compute for a window, its examples' places in it given by <paramref name="plan"/>: those an earlier run planned for the
    /// same window and did not finish, or new ones for what is missing.
    /// </summary>
    internal IReadOnlyList<PlannedShard> Plan(FeatureWindow window, Func<IReadOnlyList<int>, int, IReadOnlyList<PlannedShard>> plan)
    {
        if (_all.Windows.LastOrDefault(w => w.Data == window.Data) is { } earlier)
        {
            var before = Missing(window, shard => shard < earlier.FirstShard);
            if (HashOf(window, before) == earlier.Plan)
            {
                Enter(earlier);
                return before.All(i => Holds(window.Keys[i])) ? [] : Todo(plan(before, earlier.FirstShard));
            }
        }
        var missing = Missing(window, _ => true);
        if (missing.Count == 0)
            return [];
        var shards = plan(missing, _all.NextShard);
        Enter(new FeatureWindowEntry(window.Data, HashOf(window, missing), _all.NextShard, shards.Count));
        return Todo(shards);
    }

    /// <summary>Enters a shard whose file is written.</summary>
    internal void Add(FeatureShardEntry shard)
    {
        lock (_gate)
        {
            _stored.Add(shard.Number);
            _all = _all.With(shard);
            _own = _own.With(shard);
            Save();
        }
        _lock?.Touch();
    }

    /// <summary>Makes sure that this process may add, and makes the folder ready; called before the first shard is computed.</summary>
    internal void BeginAdding()
    {
        if (_isOpen)
            return;
        CheckAdding();
        _isOpen = true;
        lock (_gate)
            Save();
    }

    /// <exception cref="OrtPeftException">This process may not add: another one does, or the folder cannot be written.</exception>
    internal void CheckAdding()
    {
        if (_lockError != null)
            throw _lockError;
    }

    /// <summary>Makes one manifest of the parts' when nothing is missing any more, or whatever is missing with <paramref name="always"/>.</summary>
    internal bool Merge(bool always, List<string> notices)
    {
        var parts = FeaturePart.FilesIn(Folder).ToArray();
        if (parts.Length == 0)
            return false;
        using var main = _part is null ? null : FeatureLock.TryTake(Folder, FeatureLock.FileName, notices, out _);
        if ((_part is null ? _lock : main) is null)
            return false;
        var all = FeatureManifest.TryLoad(Folder)!;
        all = all with { Windows = [.. all.Windows.Union(_own.Windows).OrderBy(w => w.FirstShard)] };
        if (!always && !all.IsComplete)
            return false;
        FeatureMerge.Run(Folder, parts, all);
        _isMerged = true;
        return true;
    }

    void Enter(FeatureWindowEntry window)
    {
        lock (_gate)
        {
            if (!_all.Windows.Contains(window))
                _all = _all.With(window);
            if (!_own.Windows.Contains(window))
                _own = _own.With(window);
            if (_isOpen)
                Save();
        }
    }

    /// <summary>Those of <paramref name="shards"/> that are not there and are this part's; all their texts count as known from now on.</summary>
    IReadOnlyList<PlannedShard> Todo(IReadOnlyList<PlannedShard> shards)
    {
        foreach (var shard in shards)
        {
            foreach (var example in shard.Examples)
                _shardOf.TryAdd(example.Key.Value, shard.Number);
        }
        return [.. shards.Where(s => !_stored.Contains(s.Number) && (_part is null || _part.Owns(s.Number)))];
    }

    /// <summary>Places of the examples, each text once, that lie in no shard that counts.</summary>
    List<int> Missing(FeatureWindow window, Func<int, bool> counts)
    {
        var seen = new HashSet<FeatureKey>(window.Keys.Length);
        var missing = new List<int>();
        for (var i = 0; i < window.Keys.Length; i++)
        {
            if (seen.Add(window.Keys[i]) && !(_shardOf.TryGet(window.Keys[i].Value, out var shard) && counts(shard)))
                missing.Add(i);
        }
        return missing;
    }

    void Save()
    {
        if (_part is null)
            _all.Save(Folder);
        else
            _own.Save(Folder, _part.FileName);
    }

    static string HashOf(FeatureWindow window, IEnumerable<int> places) => FeatureKey.HashOf(places.Select(i => window.Keys[i]));

    public void Dispose()
    {
        _lock?.Dispose();
        if (_isMerged && _part != null)
            File.Delete(Path.Combine(Folder, _part.LockName));
    }
}
