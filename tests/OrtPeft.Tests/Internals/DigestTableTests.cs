namespace OrtPeft.Tests;

sealed class DigestTableTests
{
    [Test]
    public void Ten_thousand_entries_are_found_and_others_are_not()
    {
        var table = new DigestTable();
        for (var i = 0; i < 10_000; i++)
            Assert.That(table.TryAdd(DigestTable.Digest($"text {i}"), i));
        Assert.That(table.TryAdd(DigestTable.Digest("text 77"), 5), Is.False, "it has an entry");
        Assert.That(table.Count, Is.EqualTo(10_000));
        Assert.That(Enumerable.Range(0, 10_000).All(i => table.TryGet(DigestTable.Digest($"text {i}"), out var number) && number == i));
        Assert.That(Enumerable.Range(10_000, 1000).Any(i => table.TryGet(DigestTable.Digest($"text {i}"), out _)), Is.False);
    }

    /// <summary>Digests that want the same place, zero among them.</summary>
    [Test]
    public void Collisions_lie_side_by_side()
    {
        var table = new DigestTable();
        for (var i = 0; i < 100; i++)
            Assert.That(table.TryAdd((UInt128)i << 70, i));
        Assert.That(Enumerable.Range(0, 100).All(i => table.TryGet((UInt128)i << 70, out var number) && number == i));
        Assert.That(table.TryGet((UInt128)100 << 70, out _), Is.False);
    }

    [Test]
    public void A_digest_is_the_first_half_of_the_sha_256() =>
        Assert.That(DigestTable.Digest("abc"), Is.EqualTo(UInt128.Parse("ba7816bf8f01cfea414140de5dae2223", System.Globalization.NumberStyles.HexNumber)));
}
