using System.Text.Json;
using NUnit.Framework;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>The malformed and hostile model files of Fixtures/hostile.</summary>
[TestFixture]
public class HostileFileTests
{
    static readonly Dictionary<string, byte[]> Files = FixtureFiles.Unzip("hostile/models.zip");

    /// <summary>Words each message must contain, by the fixture's category.</summary>
    static readonly Dictionary<string, string> Words = new()
    {
        ["cycle"] = "cycle",
        ["duplicate-name"] = "written once",
        ["empty"] = "0 bytes",
        ["external-path"] = "location",
        ["external-range"] = "which has only",
        ["invalid-shape"] = "expected 0 or more",
        ["invalid-utf8"] = "not valid UTF-8",
        ["missing-value"] = "which is no input",
        ["nesting-too-deep"] = "nested deeper",
        ["not-onnx"] = "no ONNX model but",
        ["size-mismatch"] = "is declared as",
        ["truncated"] = "truncated",
        ["unsupported-opset"] = "operator set 999",
        ["wrong-wire-type"] = "wire type",
    };

    string _folder = null!;

    static IEnumerable<TestCaseData> Cases => JsonDocument.Parse(Files["expected.json"]).RootElement.EnumerateArray()
        .Select(c => new TestCaseData(c.GetProperty("file").GetString()!, c.GetProperty("verdict").GetString()!, c.GetProperty("category").GetString()!));

    [OneTimeSetUp]
    public void Unpack()
    {
        _folder = Directory.CreateTempSubdirectory("ortpeft-hostile-").FullName;
        foreach (var (name, bytes) in Files)
            File.WriteAllBytes(Path.Combine(_folder, name), bytes);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCaseSource(nameof(Cases))]
    public void A_file_is_judged_as_expected(string file, string verdict, string category)
    {
        var path = Path.Combine(_folder, file);
        if (verdict == "accept")
        {
            var model = OnnxModel.Load(path);
            Assert.That(OnnxModel.FromBytes(model.ToBytes()).Graph.Nodes, Has.Count.EqualTo(model.Graph.Nodes.Count));
            return;
        }
        Assert.That(() => OnnxModel.Load(path), Throws.TypeOf<OnnxException>().With.Message.Contains(Words[category]));
    }

    [Test]
    public void An_unknown_operator_is_named_where_its_shape_is_asked_for()
    {
        var shapes = ShapeInference.Infer(OnnxModel.Load(Path.Combine(_folder, "unknown_domain.onnx")));
        Assert.That(shapes.Unresolved.Single().ToString(), Does.StartWith("com.example.Mystery"));
    }

    [Test]
    public void Strings_are_kept_and_refused_where_numbers_are_needed()
    {
        var model = OnnxModel.Load(Path.Combine(_folder, "string_tensor.onnx"));
        Assert.That(model.Graph.Initializers[0].ToInt64s, Throws.TypeOf<OnnxException>().With.Message.Contains("strings"));
    }

    [Test]
    public void External_data_is_read_from_its_place()
    {
        var model = OnnxModel.Load(Path.Combine(_folder, "control_external_valid.onnx"));
        var bytes = new byte[12];
        Files["weights.bin"].AsSpan(4, 12).CopyTo(bytes);
        Assert.That(model.Graph.Initializers[0].ToBytes(), Is.EqualTo(bytes));
    }

    [Test]
    public void Four_bit_integers_survive_a_round_trip()
    {
        var model = OnnxModel.Load(Path.Combine(_folder, "int4_tensor.onnx"));
        var copy = OnnxModel.FromBytes(model.ToBytes());
        Assert.That(copy.Graph.Initializers[0].ToBytes(), Is.EqualTo(model.Graph.Initializers[0].ToBytes()));
        Assert.That(copy.Graph.Initializers[0].ElementType, Is.EqualTo(OnnxType.Int4));
    }
}
