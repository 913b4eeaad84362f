using System.Diagnostics;
using System.Text;
using NUnit.Framework;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>
/// Bad inputs one by one: what is said for each stands as a table in src/OrtPeft/Graphs/README.md, written by a run with
/// ORTPEFT_WRITE_TABLES=1 and compared by every other.
/// </summary>
[TestFixture]
public class BadInputTests
{
    const string Heading = "| input | what is said |";

    static readonly SortedDictionary<string, string> Said = [];

    string _folder = null!;

    static string ReadMe => Path.Combine(FixtureFiles.Folder, "..", "..", "..", "src", "OrtPeft", "Graphs", "README.md");

    static byte[] Valid => RawModel.Add();

    static IEnumerable<TestCaseData> Files()
    {
        static TestCaseData Case(string name, byte[] bytes, string? expected) => new TestCaseData(name, bytes, expected).SetArgDisplayNames(name);
        yield return Case("01 empty file", [], "0 bytes");
        yield return Case("02 one byte", [8], "ends inside a number");
        for (var tenth = 1; tenth < 10; tenth++)
            yield return Case($"03 cut at {tenth * 10} %", Valid[..(Valid.Length * tenth / 10)], "");
        var random = new byte[4096];
        new Random(1).NextBytes(random);
        yield return Case("04 random bytes", random, "");
        yield return Case("05 a valid model, then garbage", [.. Valid, .. "garbage at the end"u8], "");
        yield return Case("07 If in If, 10,000 deep", Nested(10_000), "nested deeper");
        yield return Case("08 cycle", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "b"], ["a"]), RawModel.Node("Add", ["a", "w"], ["b"]), RawModel.Node("Neg", ["b"], ["y"])]), "cycle");
        yield return Case("09 two nodes write one name", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "w"], ["y"]), RawModel.Node("Neg", ["x"], ["y"])]), "written once");
        yield return Case("10 missing initializer", RawModel.Add(RawModel.Tensor("v", [3])), "reads 'w'");
        yield return Case("11 input that nobody writes", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "q"], ["y"])]), "reads 'q'");
        yield return Case("12 unknown operator", RawModel.Add(nodes: [RawModel.Node("Mystery", ["x", "w"], ["y"])]), null);
        yield return Case("13 unknown domain", RawModel.Add(nodes: [RawModel.Node("Mystery", ["x", "w"], ["y"], "com.example")]), null);
        yield return Case("14 opset 6", RawModel.Add(opset: 6), "operator set 6");
        yield return Case("14 opset 99", RawModel.Add(opset: 99), "operator set 99");
        yield return Case("15 dimensions that overflow", RawModel.Add(RawModel.Tensor("w", [1L << 40, 1L << 40])), "more elements than can be counted");
        yield return Case("16 negative dimension", RawModel.Add(RawModel.Tensor("w", [-3])), "expected 0 or more");
        yield return Case("17 contents too short", RawModel.Add(RawModel.Tensor("w", [4])), "is declared as");
        yield return Case("17 contents too long", RawModel.Add(RawModel.Tensor("w", [2])), "is declared as");
        yield return Case("18 NaN and infinity in weights", RawModel.Add(RawModel.Tensor("w", [3], [0, 0, 192, 127, 0, 0, 128, 127, 0, 0, 128, 255])), null);
        yield return Case("19 name that is no UTF-8", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "w"], ["y"], "", RawModel.Bytes(3, [0x6E, 0xFF, 0xFE]))]), "not valid UTF-8");
        yield return Case("19 empty output name", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "w"], ["y", ""])]), null);
        yield return Case("19 name with /", RawModel.Add(RawModel.Tensor("a/../w", [3]), [RawModel.Node("Add", ["x", "a/../w"], ["y"])]), null);
        yield return Case("19 name with NUL", RawModel.Add(RawModel.Tensor("w\0", [3])), "NUL");
        yield return Case("19 name of 1 MB", RawModel.Add(RawModel.Tensor(new string('w', 1 << 20), [3]), [RawModel.Node("Add", ["x", new string('w', 1 << 20)], ["y"])]), null);
        yield return Case("20 functions that call each other", RawModel.Add(nodes: [RawModel.Node("F", ["x", "w"], ["y"], "f")],
            more: [Function("F", "G"), Function("G", "F")]), "calls itself");
        yield return Case("20 functions that double 40 times", RawModel.Add(nodes: [RawModel.Node("F0", ["x", "w"], ["y"], "f")],
            more: [.. Enumerable.Range(0, 40).Select(i => Function($"F{i}", $"F{i + 1}", times: 2)), Function("F40", "Add", domain: "")]), "expand to more nodes");
        yield return Case("21 sparse initializer", RawModel.Model([RawModel.Node("Add", ["x", "w"], ["y"]), RawModel.Bytes(15, RawModel.Bytes(1, RawModel.Tensor("w", [1], [0, 0, 128, 63])[2..]), RawModel.Number(3, 3)), RawModel.Value(11, "x", 3), RawModel.Value(12, "y", 3)]), null);
        yield return Case("22 string tensor", RawModel.Add(RawModel.Bytes(5, RawModel.Number(1, 1), RawModel.Number(2, 8), RawModel.Text(8, "w"), RawModel.Text(6, "text"))), null);
        yield return Case("23 output that nobody uses", RawModel.Add(nodes: [RawModel.Node("Add", ["x", "w"], ["y"]), RawModel.Node("Neg", ["x"], ["unused"])]), null);
        yield return Case("24 input with an initializer's name", RawModel.Model([RawModel.Node("Add", ["x", "w"], ["y"]), RawModel.Tensor("w", [3]), RawModel.Value(11, "x", 3), RawModel.Value(11, "w", 3), RawModel.Value(12, "y", 3)]), null);
        foreach (var (name, location) in new[] { ("25 absolute path", "/etc/hostname"), ("26 ../x", "../x"), ("27 a/../../x", "a/../../x"), ("28 drive", "C:\\x"), ("28 UNC", "\\\\server\\x") })
            yield return Case(name, RawModel.Add(RawModel.External("w", ("location", location))), "location '");
        yield return Case("29 link to outside", RawModel.Add(RawModel.External("w", ("location", "link"))), "a link that leaves");
        yield return Case("30 hard link", RawModel.Add(RawModel.External("w", ("location", "hard"))), null);
        yield return Case("31 parent is a link to outside", RawModel.Add(RawModel.External("w", ("location", "parent/outside.bin"))), "a link that leaves");
        yield return Case("33 missing file", RawModel.Add(RawModel.External("w", ("location", "nowhere.bin"))), "missing");
        yield return Case("34 negative offset", RawModel.Add(RawModel.External("w", ("location", "w.bin"), ("offset", "-4"))), "offset '-4'");
        yield return Case("34 offset that is no number", RawModel.Add(RawModel.External("w", ("location", "w.bin"), ("offset", "0x4"))), "offset '0x4'");
        yield return Case("35 beyond the end", RawModel.Add(RawModel.External("w", ("location", "w.bin"), ("offset", "8"), ("length", "12"))), "which has only 16");
        yield return Case("35 offset and length that wrap", RawModel.Add(RawModel.External("w", ("location", "w.bin"), ("offset", "9223372036854775807"), ("length", "12"))), "which has only 16");
        yield return Case("36 unknown key", RawModel.Add(RawModel.External("w", ("location", "w.bin"), ("command", "x"))), "unknown key 'command'");
        yield return Case("37 address in memory", RawModel.Add(RawModel.External("w", ("location", "*/_ORT_MEM_ADDR_/*"), ("offset", "4096"))), "memory of another process");
        yield return Case("38 folder", RawModel.Add(RawModel.External("w", ("location", "sub"))), "a folder");
        yield return Case("38 pipe", RawModel.Add(RawModel.External("w", ("location", "pipe"))), "0 bytes");
    }

    [OneTimeSetUp]
    public void MakeFolder()
    {
        var root = Directory.CreateTempSubdirectory("ortpeft-bad-").FullName;
        _folder = Directory.CreateDirectory(Path.Combine(root, "model")).FullName;
        var outside = Directory.CreateDirectory(Path.Combine(root, "outside")).FullName;
        File.WriteAllBytes(Path.Combine(outside, "outside.bin"), new byte[12]);
        File.WriteAllBytes(Path.Combine(_folder, "w.bin"), new byte[16]);
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(outside, "outside.bin"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "parent"), outside);
        Run("ln", Path.Combine(outside, "outside.bin"), Path.Combine(_folder, "hard"));
        Run("mkfifo", Path.Combine(_folder, "pipe"));
    }

    [OneTimeTearDown]
    public void WriteTable()
    {
        Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        if (Environment.GetEnvironmentVariable("ORTPEFT_WRITE_TABLES") is null)
            return;
        var text = File.ReadAllText(ReadMe);
        File.WriteAllText(ReadMe, text[..text.IndexOf(Heading, StringComparison.Ordinal)] + Table());
    }

    [TestCaseSource(nameof(Files)), Platform(Exclude = "Win", Reason = "links and pipes are made with Unix tools")]
    public void A_bad_file_is_refused_with_one_sentence_or_read(string name, byte[] bytes, string? expected)
    {
        var path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, bytes);
        var clock = Stopwatch.GetTimestamp();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        string said;
        try
        {
            var model = OnnxModel.Load(path);
            var unknown = ShapeInference.Infer(model).Unresolved;
            said = unknown.Count > 0 ? $"read; shape inference names the unknown operator {unknown[0].Key}" : "read";
            Assert.That(expected, Is.Null.Or.Empty, "was expected to be refused");
        }
        catch (OnnxException e)
        {
            said = e.Message.Replace(_folder, "folder", StringComparison.Ordinal);
            Assert.That(expected, Is.Not.Null, said);
            Assert.That(said, Does.Contain(expected));
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.That(Stopwatch.GetElapsedTime(clock), Is.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(allocated, Is.LessThan((32 << 20) + 64L * bytes.Length));
        Said[name] = said.Length > 300 ? said[..300] + " ..." : said;
    }

    [Test]
    public void A_single_file_above_2_GiB_is_read_without_its_weights()
    {
        var path = Path.Combine(_folder, "large.onnx");
        const long Rows = 600_000_000;
        // The contents are the end of the tensor, the graph and the file, so that a hole in the file can stand for them.
        byte[] tensor = [.. RawModel.Number(1, Rows), .. RawModel.Number(2, 1), .. RawModel.Text(8, "w"), .. RawModel.Varint(9 << 3 | 2), .. RawModel.Varint(Rows * 4)];
        byte[] graph = [.. RawModel.Node("ReduceSum", ["w"], ["y"]), .. RawModel.Value(12, "y", 1), .. RawModel.Varint(5 << 3 | 2), .. RawModel.Varint((ulong)(tensor.Length + Rows * 4)), .. tensor];
        byte[] head = [.. RawModel.Number(1, 8), .. RawModel.Bytes(8, RawModel.Number(2, 17)), .. RawModel.Varint(7 << 3 | 2), .. RawModel.Varint((ulong)(graph.Length + Rows * 4)), .. graph];
        using (var file = File.Create(path))
        {
            file.Write(head);
            file.SetLength(head.Length + Rows * 4);
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var model = OnnxModel.Load(path);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThan(1 << 20));
        Assert.That(model.Graph.Initializers[0].ReadRows(Rows - 2, 2), Is.EqualTo(new float[2]));
        File.Delete(path);
    }

    [Test, Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_hugging_face_cache_is_read_through_its_links()
    {
        var repository = Directory.CreateDirectory(Path.Combine(_folder, "models--owner--name")).FullName;
        var blobs = Directory.CreateDirectory(Path.Combine(repository, "blobs")).FullName;
        var snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", "abc", "onnx")).FullName;
        File.WriteAllBytes(Path.Combine(blobs, "1111"), RawModel.Add(RawModel.External("w", ("location", "model.onnx_data"))));
        File.WriteAllBytes(Path.Combine(blobs, "2222"), [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]);
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.onnx"), "../../../blobs/1111");
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.onnx_data"), "../../../blobs/2222");
        var model = OnnxModel.Load(Path.Combine(snapshot, "model.onnx"));
        Assert.That(model.Graph.Initializers[0].ToFloats(), Is.EqualTo(new[] { 1f, 2f, 3f }));
    }

    [Test]
    public void A_file_that_is_replaced_after_opening_is_noticed()
    {
        var path = Path.Combine(_folder, "replaced.onnx");
        File.WriteAllBytes(path, RawModel.Add(RawModel.External("w", ("location", "data.bin"))));
        File.WriteAllBytes(Path.Combine(_folder, "data.bin"), new byte[12]);
        var model = OnnxModel.Load(path);
        File.WriteAllBytes(Path.Combine(_folder, "data.bin"), new byte[16]);
        Assert.That(() => model.Graph.Initializers[0].ToFloats(), Throws.TypeOf<OnnxException>().With.Message.Contains("was changed since"));
    }

    static string Table()
    {
        var table = new StringBuilder().AppendLine(Heading).AppendLine("| --- | --- |");
        foreach (var (name, said) in Said)
            table.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"| {name} | {said.Replace("|", "\\|", StringComparison.Ordinal)} |");
        return table.ToString();
    }

    /// <summary>If nodes inside each other, outermost first; every level ends with the next, so the lengths are all that has to be computed.</summary>
    static byte[] Nested(int depth)
    {
        var heads = new List<byte[]>();
        long length = 0;
        for (var level = 0; level < depth; level++)
        {
            byte[] graphHead = [.. RawModel.Varint(1 << 3 | 2)];
            byte[] attribute = [.. RawModel.Text(1, "then_branch"), .. RawModel.Varint(6 << 3 | 2), .. RawModel.Varint((ulong)length)];
            var attributeLength = attribute.Length + length;
            byte[] node = [.. RawModel.Text(1, "c"), .. RawModel.Text(2, "y"), .. RawModel.Text(4, "If"), .. RawModel.Varint(5 << 3 | 2), .. RawModel.Varint((ulong)attributeLength), .. attribute];
            byte[] head = [.. graphHead, .. RawModel.Varint((ulong)(node.Length + length)), .. node];
            heads.Add(head);
            length += head.Length;
        }
        heads.Reverse();
        return [.. RawModel.Number(1, 8), .. RawModel.Bytes(8, RawModel.Number(2, 17)), .. RawModel.Varint(7 << 3 | 2), .. RawModel.Varint((ulong)length), .. heads.SelectMany(h => h)];
    }

    static byte[] Function(string name, string calls, int times = 1, string domain = "f") => RawModel.Bytes(25,
        [RawModel.Text(1, name), RawModel.Text(4, "a"), RawModel.Text(4, "b"), RawModel.Text(5, $"c{times - 1}"), RawModel.Text(10, "f"),
        .. Enumerable.Range(0, times).Select(i => RawModel.Bytes(7, RawModel.Node(calls, [i == 0 ? "a" : $"c{i - 1}", "b"], [$"c{i}"], domain)[2..]))]);

    static void Run(string program, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
    }
}
