namespace OrtPeft;

/// <summary>One text to compute: the first example that has it, its identity and its tokens.</summary>
sealed record PlannedExample(string Id, FeatureKey Key, EncodedExample Tokens);

/// <summary>Examples of similar length that go through the backbone in one run.</summary>
/// <param name="Start">First example of the run, counted in the shard.</param>
/// <param name="Count">Examples in the run.</param>
sealed record PlannedRun(int Start, int Count);

/// <summary>The examples of one shard, longest first, cut into runs.</summary>
sealed record PlannedShard(int Number, IReadOnlyList<PlannedExample> Examples, IReadOnlyList<PlannedRun> Runs)
{
    internal long Tokens => Examples.Sum(e => (long)e.Tokens.Length);

    /// <summary>Tokens computed, padding included.</summary>
    internal long PaddedTokens => Runs.Sum(r => (long)r.Count * Examples[r.Start].Tokens.Length);
}

/// <summary>
/// Cuts the examples of one window into shards and runs. The plan depends on the list and the options alone, so a resumed job, or another
/// part of it, makes the same shards. Examples are sorted by length, longest first: padding is small, memory trouble shows at the start, and the
/// short runs at the end keep all cores busy to the last moment.
/// </summary>
static class FeaturePlan
{
    internal static IReadOnlyList<PlannedShard> Make(IReadOnlyList<PlannedExample> examples, int firstShard, FeatureOptions options)
    {
        var shards = new List<PlannedShard>();
        var shard = new List<PlannedExample>();
        long tokens = 0;
        foreach (var example in examples.Select((example, i) => (example, i)).OrderByDescending(e => e.example.Tokens.Length).ThenBy(e => e.i).Select(e => e.example))
        {
            if (tokens + example.Tokens.Length > options.TokensPerShard && shard.Count > 0)
            {
                shards.Add(Shard(firstShard + shards.Count, shard, options));
                (shard, tokens) = ([], 0);
            }
            shard.Add(example);
            tokens += example.Tokens.Length;
        }
        if (shard.Count > 0)
            shards.Add(Shard(firstShard + shards.Count, shard, options));
        return shards;
    }

    /// <summary>Indices by falling length, cut into runs of at most <paramref name="tokensPerRun"/> tokens, padding included (one example at least).</summary>
    internal static IReadOnlyList<int[]> Runs(IReadOnlyList<int> lengths, int tokensPerRun)
    {
        var sorted = Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]).ThenBy(i => i).ToArray();
        var runs = new List<int[]>();
        for (var start = 0; start < sorted.Length;)
        {
            var count = Math.Min(RowsPerRun(lengths[sorted[start]], tokensPerRun), sorted.Length - start);
            runs.Add(sorted[start..(start + count)]);
            start += count;
        }
        return runs;
    }

    static PlannedShard Shard(int number, List<PlannedExample> examples, FeatureOptions options)
    {
        var runs = new List<PlannedRun>();
        foreach (var run in Runs([.. examples.Select(e => e.Tokens.Length)], options.TokensPerRun))
            runs.Add(new PlannedRun(run[0], run.Length));
        return new PlannedShard(number, examples, runs);
    }

    static int RowsPerRun(int length, int tokensPerRun) => Math.Max(1, tokensPerRun / Math.Max(1, length));
}
