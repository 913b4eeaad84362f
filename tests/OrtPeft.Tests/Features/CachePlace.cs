namespace OrtPeft.Tests;

/// <summary>Folders for caches of the tiny backbone, and how they are filled.</summary>
sealed class CachePlace : IDisposable
{
    internal static readonly FeatureOptions Small = new() { MaxLength = 16, TokensPerShard = 64, TokensPerRun = 32, DType = FeatureDType.Fp32 };

    readonly TemporaryFolder _folder = new();

    internal Backbone Backbone { get; init; } = Tiny.Backbone();

    internal string this[string name] => _folder[name];

    internal FeatureJobResult Run(string folder, IReadOnlyList<Example> examples, FeatureOptions? options = null, FeaturePart? part = null, int threads = 2,
        IProgress<FeatureProgress>? progress = null, CancellationToken cancellationToken = default) =>
        (FeatureJob.For(Backbone, examples, this[folder]) with { Options = options ?? Small, Part = part, Execution = new ExecutionOptions { Threads = threads } })
            .RunAsync(progress, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Hashes of the shards by name.</summary>
    internal Dictionary<string, string> Shards(string folder) => Directory.GetFiles(this[folder], "shard-*").ToDictionary(f => Path.GetFileName(f)!, FileHash.OfFile);

    /// <summary>All values of all examples.</summary>
    internal float[][] Values(string folder, IEnumerable<Example> examples, int tensor = 0)
    {
        using var cache = FeatureCache.Open(this[folder]);
        return [.. examples.Select(e => cache.Read(e, tensor))];
    }

    public void Dispose() => _folder.Dispose();
}
