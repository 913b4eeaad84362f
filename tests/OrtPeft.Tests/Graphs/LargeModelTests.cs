using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft.Tests.Graphs;

/// <summary>A model of 3 GB, its weights in one file beside it (a hole: it takes no room on the disk).</summary>
[TestFixture]
public class LargeModelTests
{
    const int Layers = 12, Width = 8192;
    const long LayerBytes = (long)Width * Width * sizeof(float);

    string _folder = null!;

    string ModelPath => Path.Combine(_folder, "model.onnx");

    [OneTimeSetUp]
    public void Generate()
    {
        _folder = Directory.CreateTempSubdirectory("ortpeft-large-").FullName;
        using (var weights = File.Create(Path.Combine(_folder, "weights.bin")))
            weights.SetLength(Layers * LayerBytes);
        var nodes = Enumerable.Range(0, Layers).Select(i => RawModel.Node("MatMul", [i == 0 ? "x" : $"h{i}", $"w{i}"], [i == Layers - 1 ? "y" : $"h{i + 1}"]));
        var tensors = Enumerable.Range(0, Layers).Select(i => RawModel.Bytes(5, RawModel.Number(1, Width), RawModel.Number(1, Width), RawModel.Number(2, 1),
            RawModel.Text(8, $"w{i}"), Entry("location", "weights.bin"), Entry("offset", $"{i * LayerBytes}"), Entry("length", $"{LayerBytes}"), RawModel.Number(14, 1)));
        File.WriteAllBytes(ModelPath, RawModel.Model([.. nodes, .. tensors, RawModel.Value(11, "x", 4, Width), RawModel.Value(12, "y", 4, Width)]));
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void It_is_opened_differentiated_and_saved_beside_its_weights_without_reading_them()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var graph = GraphBuilder.Edit(OnnxModel.Load(ModelPath));
        var loss = graph.ReduceSum("y", keepDims: false);
        graph.Output(GradientBuilder.AddGradients(graph, loss, ["x"])["x"], "gradient");
        var copy = Path.Combine(_folder, "edited.onnx");
        graph.Build().Save(copy);
        Assert.That(GC.GetTotalAllocatedBytes() - allocated, Is.LessThan(20 << 20));

        Assert.That(new FileInfo(copy).Length, Is.LessThan(1 << 16));
        Assert.That(Directory.GetFiles(_folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "model.onnx", "edited.onnx", "weights.bin" }));
        var last = OnnxModel.Load(copy).Graph.Initializers.Single(t => t.Name == "w11");
        Assert.That((Path.GetFileName(last.Data.Path), last.Data.Offset), Is.EqualTo(("weights.bin", 11 * LayerBytes)));
        Assert.That(last.ReadRows(Width - 1, 1), Is.EqualTo(new float[Width]));
    }

    [Test]
    public void A_part_of_it_is_cut_out_with_only_the_weights_it_needs()
    {
        var part = GraphCut.Prefix(OnnxModel.Load(ModelPath), ["h3"]);
        Assert.That(part.Graph.Initializers.Select(t => t.Name), Is.EqualTo(new[] { "w0", "w1", "w2" }));
    }

    static byte[] Entry(string key, string value) => RawModel.Bytes(13, RawModel.Text(1, key), RawModel.Text(2, value));
}
