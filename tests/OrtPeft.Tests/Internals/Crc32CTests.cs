using System.Text;

namespace OrtPeft.Tests;

sealed class Crc32CTests
{
    // RFC 3720, appendix B.4.
    [TestCase("123456789", 0xE3069283u)]
    [TestCase("", 0u)]
    public void Known_answers(string text, uint crc) => Assert.That(Crc32C.Compute(Encoding.ASCII.GetBytes(text)), Is.EqualTo(crc));

    [Test]
    public void Thirty_two_zeros() => Assert.That(Crc32C.Compute(new byte[32]), Is.EqualTo(0x8A9136AAu));

    [Test]
    public void In_parts_as_in_one()
    {
        var data = Enumerable.Range(0, 1000).Select(i => (byte)(i * 31)).ToArray();
        Assert.That(Crc32C.Compute(data.AsSpan(333), Crc32C.Compute(data.AsSpan(0, 333))), Is.EqualTo(Crc32C.Compute(data)));
    }

    [TestCase(0, 0)]
    [TestCase(0, 9)]
    [TestCase(9, 0)]
    [TestCase(1, 1)]
    [TestCase(1000, 77_777)]
    public void Checksums_of_two_stretches_give_that_of_both(int first, int second)
    {
        var bytes = new byte[first + second];
        new Random(1).NextBytes(bytes);
        Assert.That(Crc32C.Combine(Crc32C.Compute(bytes.AsSpan(0, first)), Crc32C.Compute(bytes.AsSpan(first)), second), Is.EqualTo(Crc32C.Compute(bytes)));
    }
}
