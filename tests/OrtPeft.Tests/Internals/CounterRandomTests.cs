namespace OrtPeft.Tests;

sealed class CounterRandomTests
{
    // Known answers of the reference implementation (Random123, kat_vectors, philox4x32 10).
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_gives_the_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3) =>
        Assert.That(CounterRandom.Philox((c0, c1, c2, c3), (k0, k1)), Is.EqualTo((r0, r1, r2, r3)));

    [Test]
    public void Draws_depend_on_seed_purpose_and_step_alone()
    {
        uint[] Draw(long seed, string purpose, long step)
        {
            var random = new CounterRandom(seed, purpose, step);
            return [.. Enumerable.Range(0, 9).Select(_ => random.NextUInt32())];
        }

        var first = Draw(1, "order", 2);
        Assert.That(Draw(1, "order", 2), Is.EqualTo(first));
        Assert.That(first, Is.Not.EqualTo(Draw(2, "order", 2)));
        Assert.That(first, Is.Not.EqualTo(Draw(1, "init", 2)));
        Assert.That(first, Is.Not.EqualTo(Draw(1, "order", 3)));
    }

    [TestCase(0, 11)]
    [TestCase(5, 1)]
    [TestCase(6, 13)]
    [TestCase(8, 4)]
    public void Any_part_of_the_numbers_is_drawn_as_if_all_before_had_been(int first, int count)
    {
        var all = new CounterRandom(3, "dropout", 4);
        var expected = Enumerable.Range(0, first + count + 2).Select(_ => all.NextSingle()).ToArray();
        var part = new CounterRandom(3, "dropout", 4);
        var drawn = new float[count];
        part.Singles(first, drawn);
        Assert.That(drawn, Is.EqualTo(expected[first..(first + count)]));
        Assert.That(part.NextSingle(), Is.EqualTo(expected[first + count]));
    }

    [Test]
    public void Normal_numbers_have_mean_0_and_variance_1()
    {
        var random = new CounterRandom(7, "normal");
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.NextNormal()).ToArray();
        Assert.That(draws.Average(), Is.EqualTo(0).Within(0.02));
        Assert.That(draws.Average(d => d * d), Is.EqualTo(1).Within(0.03));
    }

    [Test]
    public void Every_place_is_equally_likely_after_a_shuffle()
    {
        var counts = new int[5];
        for (var step = 0; step < 20_000; step++)
        {
            int[] items = [0, 1, 2, 3, 4];
            new CounterRandom(3, "shuffle", step).Shuffle(items.AsSpan());
            counts[Array.IndexOf(items, 0)]++;
        }
        Assert.That(counts, Is.All.InRange(3800, 4200));
    }
}
