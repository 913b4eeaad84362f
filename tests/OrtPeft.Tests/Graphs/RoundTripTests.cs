using NUnit.Framework;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>What is read is what is written, byte for byte where it is contents.</summary>
[TestFixture]
public class RoundTripTests
{
    string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ortpeft-roundtrip-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    static IEnumerable<OnnxType> Types => Enum.GetValues<OnnxType>().Where(t => t.Bits() > 0);

    [Test]
    public void Contents_of_every_element_type_survive([ValueSource(nameof(Types))] OnnxType type)
    {
        var bytes = new byte[(3 * type.Bits() + 7) / 8];
        new Random(7).NextBytes(bytes);
        var model = new OnnxModel();
        model.OpsetImports[""] = 23;
        model.Graph.Initializers.Add(OnnxTensor.FromBytes("t", type, bytes, 3));
        var copy = OnnxModel.FromBytes(model.ToBytes()).Graph.Initializers[0];
        Assert.That((copy.ElementType, copy.Dims, copy.ToBytes()), Is.EqualTo((type, new long[] { 3 }, bytes)));
    }

    [Test]
    public void Large_contents_stay_in_the_file_and_are_streamed_when_saved()
    {
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => i * 0.5f)];
        var model = new OnnxModel();
        model.OpsetImports[""] = 17;
        model.Graph.Initializers.Add(OnnxTensor.FromFloats("large", values, 100, 100));
        var first = Path.Combine(_folder, "first.onnx");
        model.Save(first);
        var opened = OnnxModel.Load(first);
        Assert.That(opened.Graph.Initializers[0].Data.Path, Is.EqualTo(first));
        Assert.That(opened.Graph.Initializers[0].ReadRows(42, 2), Is.EqualTo(values[4200..4400]));
        var second = Path.Combine(_folder, "second.onnx");
        opened.Save(second);
        Assert.That(File.ReadAllBytes(second), Is.EqualTo(File.ReadAllBytes(first)));
    }

    [Test]
    public void A_model_saved_over_itself_keeps_its_weights()
    {
        var path = Path.Combine(_folder, "model.onnx");
        var model = new OnnxModel();
        model.OpsetImports[""] = 17;
        model.Graph.Initializers.Add(OnnxTensor.FromFloats("w", [.. Enumerable.Range(0, 1000).Select(i => (float)i)], 1000));
        model.Save(path);
        var opened = OnnxModel.Load(path);
        opened.Metadata["edited"] = "yes";
        opened.Save(path);
        var again = OnnxModel.Load(path);
        Assert.That(again.Metadata["edited"], Is.EqualTo("yes"));
        Assert.That(again.Graph.Initializers[0].ReadRows(998, 2), Is.EqualTo(new[] { 998f, 999f }));
        Assert.That(() => opened.Graph.Initializers[0].ToFloats(), Throws.TypeOf<OnnxException>().With.Message.Contains("Open the model again"));
    }

    [Test]
    public void External_data_of_another_folder_moves_along()
    {
        File.WriteAllBytes(Path.Combine(_folder, "w.bin"), [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]);
        File.WriteAllBytes(Path.Combine(_folder, "m.onnx"), RawModel.Add(RawModel.External("w", ("location", "w.bin"))));
        var target = Path.Combine(_folder, "elsewhere", "copy.onnx");
        OnnxModel.Load(Path.Combine(_folder, "m.onnx")).Save(target);
        var copy = OnnxModel.Load(target).Graph.Initializers[0];
        Assert.That((Path.GetFileName(copy.Data.Path), copy.ToFloats()), Is.EqualTo(("copy.onnx.data", new[] { 1f, 2f, 3f })));
    }

    [Test]
    public void Numbers_stored_one_by_one_are_read()
    {
        var bytes = RawModel.Add(RawModel.Bytes(5, RawModel.Number(1, 3), RawModel.Number(2, 7), RawModel.Text(8, "w"), RawModel.Bytes(7, RawModel.Varint(300), RawModel.Varint(ulong.MaxValue), RawModel.Varint(5))));
        var tensor = OnnxModel.FromBytes(OnnxModel.FromBytes(bytes).ToBytes()).Graph.Initializers[0];
        Assert.That(tensor.ToInt64s(), Is.EqualTo(new[] { 300L, -1L, 5L }));
    }

    [Test]
    public void Fields_that_are_not_understood_are_kept()
    {
        byte[] unknown = RawModel.Text(99, "later version");
        var bytes = RawModel.Add(nodes: [RawModel.Node("Add", ["x", "w"], ["y"], "", unknown)], more: [unknown]);
        Assert.That(OnnxModel.FromBytes(bytes).ToBytes().AsSpan().Count("later version"u8), Is.EqualTo(2));
    }

    [Test]
    public void Half_precision_is_read_as_floats()
    {
        Assert.That(OnnxTensor.FromBytes("h", OnnxType.Float16, new byte[] { 0x00, 0x3C, 0x00, 0xC0 }, 2).ToFloats(), Is.EqualTo(new[] { 1f, -2f }));
        Assert.That(OnnxTensor.FromBytes("b", OnnxType.BFloat16, new byte[] { 0x80, 0x3F, 0x00, 0xC0 }, 2).ToFloats(), Is.EqualTo(new[] { 1f, -2f }));
    }

    [Test]
    public void Functions_are_inlined_also_nested_ones()
    {
        // Twice(a) = Plus(a, a); Plus(a, b) = a + b
        static byte[] Function(string name, string[] inputs, byte[] node) => RawModel.Bytes(25,
            [RawModel.Text(1, name), .. inputs.Select(i => RawModel.Text(4, i)), RawModel.Text(5, "r"), RawModel.Bytes(7, node[2..]), RawModel.Bytes(9, RawModel.Number(2, 17)), RawModel.Text(10, "f")]);
        var model = OnnxModel.FromBytes(RawModel.Add(nodes: [RawModel.Node("Twice", ["x"], ["t"], "f"), RawModel.Node("Add", ["t", "w"], ["y"])],
            more: [Function("Twice", ["a"], RawModel.Node("Plus", ["a", "a"], ["r"], "f")), Function("Plus", ["a", "b"], RawModel.Node("Add", ["a", "b"], ["r"]))]));
        Assert.That(model.Graph.Nodes.Select(n => n.OpType), Is.EqualTo(new[] { "Add", "Add" }));
        var y = OrtRunner.Run(model, new Dictionary<string, TestTensor> { ["x"] = TestTensor.Of([1f, 2f, 3f], 3) })["y"];
        Assert.That(y.Values(), Is.EqualTo(new[] { 3.0, 6.0, 9.0 }));
    }
}
