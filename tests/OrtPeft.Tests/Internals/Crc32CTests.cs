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
}
