using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;

namespace OrtPeft.Tests.Tracking;

sealed class TensorBoardWriterTests
{
    string _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("ortpeft-board-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    // RFC 3720, appendix B.4, and the check value of CRC-32C ("123456789").
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [TestCase("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [TestCase("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    [TestCase("1F1E1D1C1B1A191817161514131211100F0E0D0C0B0A09080706050403020100", 0x113FDB5Cu)]
    [TestCase("313233343536373839", 0xE3069283u)]
    [TestCase("", 0u)]
    public void The_checksum_is_Castagnolis(string hex, uint crc) =>
        Assert.That(Crc32C.Compute(Convert.FromHexString(hex)), Is.EqualTo(crc));

    [Test]
    public void Epochs_become_scalars()
    {
        using (TensorBoardWriter writer = new(_folder, new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero)))
        {
            writer.Add(RunLogTests.Epoch(1));
            writer.Add(new() { Epoch = 300, Loss = 2, Seconds = 1, Time = DateTimeOffset.UnixEpoch.AddSeconds(0.5) });
        }

        var file = Directory.GetFiles(_folder).Single();
        Assert.That(Path.GetFileName(file), Is.EqualTo("events.out.tfevents.1767323040.ortpeft"));
        Assert.That(Read(file), Is.EqualTo(new[]
        {
            "1767323040 step 0 brain.Event:2",
            "1767323041 step 1 loss/train 0.5",
            "1767323041 step 1 loss/dev 0.25",
            "1767323041 step 1 dev/accuracy 0.75",
            "1767323041 step 1 dev/macroF1 0.625",
            "1767323041 step 1 learning_rate 0.001",
            "0.5 step 300 loss/train 2",
        }));
    }

    [Test]
    public void Trained_tensors_become_histograms()
    {
        using (TensorBoardWriter writer = new(_folder, DateTimeOffset.UnixEpoch))
            writer.Add(new() { Epoch = 1, Loss = 2, Seconds = 1, Time = DateTimeOffset.UnixEpoch }, [new TrainedTensor("w", [3], [0, 3, 30])]);
        Assert.That(Read(Directory.GetFiles(_folder).Single())[^1], Is.EqualTo("0 step 1 w min 0 max 30 num 3 sum 33 squares 909 limits 1..30 counts 1,1,1"));
    }

    [Test]
    public void A_resumed_run_replaces_the_files_of_its_first_part()
    {
        using (TensorBoardWriter killed = new(_folder, DateTimeOffset.UnixEpoch))
            killed.Add(new() { Epoch = 1, Loss = 9, Seconds = 1, Time = DateTimeOffset.UnixEpoch });
        EpochResult kept = new() { Epoch = 1, Loss = 1, Seconds = 1, Time = DateTimeOffset.UnixEpoch };
        new TensorBoardWriter(_folder, DateTimeOffset.UnixEpoch.AddSeconds(60), [kept]).Dispose();

        Assert.That(Read(Directory.GetFiles(_folder).Single()), Is.EqualTo(new[] { "60 step 0 brain.Event:2", "0 step 1 loss/train 1" }));
    }

    /// <summary>An independent reader: bitwise checksums, and any protobuf message by its wire types.</summary>
    static List<string> Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        List<string> events = [];
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)), Is.EqualTo(Masked(bytes.AsSpan(at, 8))), "checksum of the length");
            var payload = bytes.AsSpan(at + 12, length);
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)), Is.EqualTo(Masked(payload)), "checksum of the payload");
            at += length + 16;

            var fields = Fields(payload);
            var time = BitConverter.ToDouble(fields[1]);
            var step = fields[2].Aggregate((Value: 0L, Shift: 0), (sum, part) => (sum.Value | (long)(part & 0x7f) << sum.Shift, sum.Shift + 7)).Value;
            var content = fields.TryGetValue(3, out var version) ? Encoding.UTF8.GetString(version) : Scalar(fields[5]);
            events.Add(FormattableString.Invariant($"{time} step {step} {content}"));
        }
        return events;
    }

    static string Scalar(byte[] summary)
    {
        var value = Fields(Fields(summary)[1]);
        var tag = Encoding.UTF8.GetString(value[1]);
        return value.TryGetValue(5, out var histogram) ? $"{tag} {Histogram(histogram)}" : FormattableString.Invariant($"{tag} {BitConverter.ToSingle(value[2])}");
    }

    static string Histogram(byte[] message)
    {
        var fields = Fields(message);
        double Number(int field) => BitConverter.ToDouble(fields[field]);
        double[] Numbers(int field) => [.. fields[field].Chunk(8).Select(b => BitConverter.ToDouble(b))];
        var limits = Numbers(6);
        return FormattableString.Invariant($"min {Number(1)} max {Number(2)} num {Number(3)} sum {Number(4)} squares {Number(5)} limits {limits[0]}..{limits[^1]} counts {string.Join(',', Numbers(7).Where(c => c > 0))}");
    }

    static Dictionary<int, byte[]> Fields(ReadOnlySpan<byte> message)
    {
        Dictionary<int, byte[]> fields = [];
        while (!message.IsEmpty)
        {
            var (field, wireType) = (message[0] >> 3, message[0] & 7);
            var (start, length) = wireType switch
            {
                0 => (1, 1 + message[1..].IndexOfAnyInRange((byte)0, (byte)0x7f)),
                1 => (1, 8),
                2 => Delimited(message),
                5 => (1, 4),
                _ => throw new AssertionException($"wire type {wireType}"),
            };
            Assert.That(fields.TryAdd(field, message.Slice(start, length).ToArray()), $"field {field} once");
            message = message[(start + length)..];
        }
        return fields;
    }

    static (int Start, int Length) Delimited(ReadOnlySpan<byte> message) => message[1] < 0x80 ? (2, message[1]) : (3, (message[1] & 0x7f) | message[2] << 7);

    static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ ((crc & 1) == 0 ? 0 : 0x82F63B78u);
        }
        crc = ~crc;
        return (crc >> 15 | crc << 17) + 0xa282ead8u;
    }
}
