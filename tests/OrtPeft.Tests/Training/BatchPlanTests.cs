namespace OrtPeft.Tests;

sealed class BatchPlanTests
{
    static readonly int[] Lengths = [.. Enumerable.Range(0, 1000).Select(i => 3 + i * 37 % 126)];

    [Test]
    public void An_epoch_holds_every_example_once()
    {
        var batches = BatchPlan.Epoch(Lengths, 16, seed: 1, epoch: 1);
        Assert.That(batches.SelectMany(b => b), Is.EquivalentTo(Enumerable.Range(0, Lengths.Length)));
        Assert.That(batches.Count(b => b.Length == 16), Is.EqualTo(62));
    }

    [Test]
    public void Batches_hold_texts_of_similar_length()
    {
        var padding = BatchPlan.Epoch(Lengths, 16, seed: 1, epoch: 1).Sum(b => b.Length * b.Max(i => Lengths[i]) - b.Sum(i => Lengths[i]));
        Assert.That(padding, Is.LessThan(0.05 * Lengths.Sum()));
    }

    [Test]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        static int[] Order(long seed, int epoch) => [.. BatchPlan.Epoch(Lengths, 16, seed, epoch).SelectMany(b => b)];
        var first = Order(1, 1);
        Assert.That(Order(1, 1), Is.EqualTo(first));
        Assert.That(Order(1, 2), Is.Not.EqualTo(first));
        Assert.That(Order(2, 1), Is.Not.EqualTo(first));
    }
}
