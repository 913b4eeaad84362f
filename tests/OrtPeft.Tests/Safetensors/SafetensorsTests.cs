using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

sealed class SafetensorsTests
{
    static void WriteSample(string path) => new SafetensorsWriter().Metadata("who", "test")
        .Add("a", [1f, -2f, 3.5f, 4f, 5f, 6f], 2, 3).Add("empty", Array.Empty<float>(), 0, 7).Add("n", [7L, -8L], 2).WithChecksum().Write(path);

    [Test]
    public void Round_trip()
    {
        using var folder = new TemporaryFolder();
        WriteSample(folder["x.safetensors"]);
        using var file = SafetensorsFile.Open(folder["x.safetensors"]);
        file.VerifyChecksum();
        Assert.That(file.ReadSingles("a"), Is.EqualTo(new[] { 1f, -2f, 3.5f, 4f, 5f, 6f }));
        Assert.That(file["a"].Shape, Is.EqualTo(new[] { 2L, 3L }));
        Assert.That(file.ReadSingles("empty"), Is.Empty);
        Assert.That(file.ReadInt64s("n"), Is.EqualTo(new[] { 7L, -8L }));
        Assert.That(file.Metadata["who"], Is.EqualTo("test"));
    }

    [Test]
    public void Is_laid_out_as_the_format_demands()
    {
        using var folder = new TemporaryFolder();
        WriteSample(folder["x.safetensors"]);
        var bytes = File.ReadAllBytes(folder["x.safetensors"]);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!;
        Assert.That(header["a"]!["dtype"]!.GetValue<string>(), Is.EqualTo("F32"));
        var offsets = header["n"]!["data_offsets"]!.AsArray().Select(o => o!.GetValue<int>()).ToArray();
        Assert.That(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8 + length + offsets[0] + 8)), Is.EqualTo(-8));
        Assert.That((8 + length) % 8, Is.Zero, "data are aligned");
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        using var folder = new TemporaryFolder();
        WriteSample(folder["x.safetensors"]);
        var bytes = File.ReadAllBytes(folder["x.safetensors"]);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(folder["cut.safetensors"], bytes[..length]);
            Assert.That(() => SafetensorsFile.Open(folder["cut.safetensors"]), Throws.TypeOf<OrtPeftException>(), $"{length} bytes");
        }
    }

    [Test]
    public void Every_flipped_bit_of_the_values_is_found()
    {
        using var folder = new TemporaryFolder();
        WriteSample(folder["x.safetensors"]);
        var size = new FileInfo(folder["x.safetensors"]).Length;
        for (var back = 1; back <= 6 * 4 + 2 * 8; back++)
        {
            TemporaryFolder.FlipBit(folder["x.safetensors"], size - back);
            using (var file = SafetensorsFile.Open(folder["x.safetensors"]))
                Assert.That(file.VerifyChecksum, Throws.TypeOf<OrtPeftException>().With.Message.Contains("checksum"));
            TemporaryFolder.FlipBit(folder["x.safetensors"], size - back);
        }
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes but has 4")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "begins at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "end at byte")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "begins at byte")]
    [TestCase("""{"a":{"dtype":"Q9","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype 'Q9'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "impossible")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "not as the format demands")]
    [TestCase("""{"a":{"dtype":"F32"}}""", 4, "not as the format demands")]
    [TestCase("""["a"]""", 4, "does not begin with '{'")]
    [TestCase("""{"a":""", 4, "not as the format demands")]
    public void A_broken_header_is_named(string header, int dataBytes, string message)
    {
        using var folder = new TemporaryFolder();
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        File.WriteAllBytes(folder["x.safetensors"], bytes);
        Assert.That(() => SafetensorsFile.Open(folder["x.safetensors"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains(message));
    }
}
