using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>
/// The shipped all-MiniLM-L6-v2 on eight sentences against PyTorch in float64. The reference has the published float32 weights, the shipped
/// file the same rounded to float16, so the gradients differ by more than rounding errors of the computation.
/// </summary>
[TestFixture]
public class RealBackboneTests
{
    const double WeightsRoundedToFloat16 = 2e-3;

    static readonly Dictionary<string, string> Sites = new()
    {
        ["hidden_0"] = "/m/embeddings/LayerNorm/LayerNormalization_output_0",
        ["hidden_3"] = "/m/encoder/layer.2/output/LayerNorm/LayerNormalization_output_0",
        ["hidden_5"] = "/m/encoder/layer.4/output/LayerNorm/LayerNormalization_output_0",
    };

    [Test]
    public void Gradients_of_sites_biases_and_norms_agree_with_pytorch()
    {
        var reference = TestTensor.ReadSafetensors(File.ReadAllBytes(Path.Combine(FixtureFiles.Folder, "minilm-real", "tensors.safetensors")));
        var places = reference.Keys.Where(k => k.StartsWith("gradient/", StringComparison.Ordinal) && k != "gradient/R").ToDictionary(k => k, k => TensorOf(k["gradient/".Length..]));

        var graph = GraphBuilder.Edit(OnnxModel.Load(FixtureFiles.ShippedModel));
        var width = (int)reference["gradient/R"].Shape[2];
        var mask = reference["in/attention_mask"].Values();
        var upstream = TestTensor.Of([.. reference["gradient/R"].Values().Select((v, i) => (float)(v * mask[i / width]))], reference["gradient/R"].Shape);
        var r = graph.Initializer(OnnxTensor.FromBytes("R", OnnxType.Float, upstream.Bytes, upstream.Shape));
        var gradients = GradientBuilder.AddGradients(graph, graph.ReduceSum(graph.Mul("last_hidden_state", r), keepDims: false), [.. places.Values]);
        var model = graph.Build();
        model.Graph.Outputs.Clear();
        foreach (var tensor in places.Values)
            graph.Output(gradients[tensor], "gradient of " + tensor);
        var inputs = reference.Where(t => t.Key.StartsWith("in/", StringComparison.Ordinal)).ToDictionary(t => t.Key[3..], t => t.Value);
        var found = OrtRunner.Run(model, inputs);

        double worst = 0;
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, tensor) in places)
            {
                var expected = reference[name].Values();
                var scale = expected.Max(Math.Abs);
                if (scale < 1e-3) // the bias of keys: exactly zero but for rounding
                    continue;
                var error = found["gradient of " + tensor].Values().Zip(expected, (a, b) => Math.Abs(a - b)).Max() / scale;
                Assert.That(error, Is.LessThan(WeightsRoundedToFloat16), name);
                worst = Math.Max(worst, error);
            }
        }
        TestContext.Out.WriteLine($"{places.Count} tensors, largest relative difference {worst:E1}");
    }

    static string TensorOf(string name) => Sites.TryGetValue(name, out var tensor) ? tensor : "m." + name["param.".Length..];
}
