namespace OrtPeft.Tests;

sealed class FeaturePlanTests
{
    [Test]
    public void Runs_hold_every_index_once_longest_first_within_the_budget()
    {
        int[] lengths = [5, 128, 7, 7, 300, 1, 64, 64, 63];
        var runs = FeaturePlan.Runs(lengths, 256);
        Assert.That(runs.SelectMany(r => r), Is.EquivalentTo(Enumerable.Range(0, lengths.Length)));
        Assert.That(runs[0], Is.EqualTo(new[] { 4 }), "one text may be longer than the budget");
        Assert.That(runs.Skip(1).Max(r => r.Length * lengths[r[0]]), Is.LessThanOrEqualTo(256));
        Assert.That(runs.SelectMany(r => r).Select(i => lengths[i]), Is.Ordered.Descending);
    }

    [Test]
    public void Shards_keep_their_budget_and_all_examples()
    {
        var examples = Enumerable.Range(0, 200).Select(i =>
            new PlannedExample($"{i}", new FeatureKey((UInt128)i), new EncodedExample(new int[3 + i * 7 % 60]))).ToArray();
        var shards = FeaturePlan.Make(examples, firstShard: 4, new FeatureOptions { TokensPerShard = 500, TokensPerRun = 120 });
        Assert.That(shards.Select(s => s.Number), Is.EqualTo(Enumerable.Range(4, shards.Count)));
        Assert.That(shards.Max(s => s.Tokens), Is.LessThanOrEqualTo(500));
        Assert.That(shards.SelectMany(s => s.Examples).Select(e => e.Key), Is.EquivalentTo(examples.Select(e => e.Key)));
        Assert.That(shards.Sum(s => s.PaddedTokens), Is.LessThan(1.05 * shards.Sum(s => s.Tokens)));
    }
}
