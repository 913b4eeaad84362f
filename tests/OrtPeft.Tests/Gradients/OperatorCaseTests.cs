using System.Text.Json;
using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Every operator case: shapes with names and with numbers, values through our reader and writer, gradients.</summary>
[TestFixture]
public class OperatorCaseTests
{
    [OneTimeTearDown]
    public void WriteTable() => RuleTable.WriteIfAsked();

    static IEnumerable<TestCaseData> Cases => OperatorCase.All.Select(c => new TestCaseData(c.Name));

    static IEnumerable<TestCaseData> GradientCases =>
        OperatorCase.All.Where(c => c.Tensors.Keys.Any(k => k.StartsWith("dy/", StringComparison.Ordinal))).Select(c => new TestCaseData(c.Name));

    [TestCaseSource(nameof(Cases))]
    public void Shapes_are_inferred(string name)
    {
        var c = OperatorCase.All.Single(x => x.Name == name);
        var shapes = ShapeInference.Infer(c.Model);
        using (Assert.EnterMultipleScope())
        {
            foreach (var output in c.Outputs)
            {
                var found = shapes[output.GetProperty("name").GetString()!].Shape!;
                var expected = (output.TryGetProperty("best_symbolic", out var best) ? best : output.GetProperty("symbolic")).EnumerateArray().ToArray();
                Assert.That(found, Has.Count.EqualTo(expected.Length));
                for (var i = 0; i < expected.Length; i++)
                {
                    if (expected[i].ValueKind != JsonValueKind.Null)
                        Assert.That(found[i].ToString(), Is.EqualTo(expected[i].ToString()), $"{output.GetProperty("name")} dimension {i}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Shapes_are_exact_when_inputs_are(string name)
    {
        var c = OperatorCase.All.Single(x => x.Name == name);
        var model = c.Model;
        var tensors = c.Tensors;
        Bind(model, v => tensors["in/" + v.Name].Shape);
        var shapes = ShapeInference.Infer(model);
        using (Assert.EnterMultipleScope())
        {
            foreach (var output in c.Outputs)
            {
                var found = shapes[output.GetProperty("name").GetString()!].Shape!;
                var actual = output.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
                foreach (var (dim, length) in found.Zip(actual))
                    Assert.That(dim.IsKnown ? dim.Value : length, Is.EqualTo(length));
            }
        }
    }

    static IEnumerable<TestCaseData> ResizableCases => OperatorCase.All.Where(c => c.OtherSizes is not null).Select(c => new TestCaseData(c.Name));

    [TestCaseSource(nameof(ResizableCases))]
    public void Shapes_follow_other_sizes(string name)
    {
        var c = OperatorCase.All.Single(x => x.Name == name);
        var model = c.Model;
        var sizes = c.OtherSizes!.Value.GetProperty("sizes");
        Bind(model, v => [.. v.Shape!.Select(d => d.IsKnown ? d.Value : sizes.GetProperty(d.Symbol!).GetInt64())]);
        var shapes = ShapeInference.Infer(model);
        foreach (var output in c.OtherSizes.Value.GetProperty("outputs").EnumerateObject())
        {
            var expected = output.Value.EnumerateArray().Select(d => d.GetInt64());
            Assert.That(shapes[output.Name].Shape!.Zip(expected).All(p => !p.First.IsKnown || p.First.Value == p.Second), output.Name);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Values_survive_a_round_trip(string name)
    {
        var c = OperatorCase.All.Single(x => x.Name == name);
        var tensors = c.Tensors;
        var outputs = OrtRunner.Run(OnnxModel.FromBytes(c.Model.ToBytes()), Feeds(tensors));
        var original = OrtRunner.Run(c.ModelBytes, Feeds(tensors));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (output, value) in outputs)
            {
                // The mask of a dropout is drawn anew; products of bytes saturate on processors without VNNI.
                if (c.Operator != "Dropout")
                    Assert.That(value.Bytes, Is.EqualTo(original[output].Bytes), output);
                if (c.Operator != "Dropout" && !c.Nodes.Contains("MatMulInteger"))
                    Assert.That(Error(value.Values(), tensors["out/" + output].Values()), Is.LessThanOrEqualTo(c.ForwardTolerance), output);
            }
        }
    }

    [TestCaseSource(nameof(GradientCases))]
    public void Gradients_agree(string name)
    {
        var c = OperatorCase.All.Single(x => x.Name == name);
        var error = GradientError(c);
        RuleTable.Measured[name] = error;
        Assert.That(error, Is.LessThanOrEqualTo(c.GradientTolerance));
    }

    /// <summary>The largest error max |a - b| / (1 + |b|) over all gradients of a case.</summary>
    internal static double GradientError(OperatorCase c)
    {
        var tensors = c.Tensors;
        var model = c.Model;
        var targets = tensors.Keys.Where(k => k.StartsWith("dx/", StringComparison.Ordinal)).Select(k => k[3..]).ToList();
        var results = OrtRunner.Run(WithGradients(model, targets, tensors), Feeds(tensors));
        var worst = 0.0;
        foreach (var target in targets)
        {
            var found = results["gradient of " + target].Values();
            worst = Math.Max(worst, tensors.TryGetValue("dx_lo/" + target, out var low)
                ? ErrorBetween(found, low.Values(), tensors["dx_hi/" + target].Values())
                : Error(found, tensors["dx/" + target].Values()));
        }
        return worst;
    }

    /// <summary>Appends loss = sum of dy * y over the outputs, and the gradients, as float outputs.</summary>
    internal static OnnxModel WithGradients(OnnxModel model, List<string> targets, Dictionary<string, TestTensor> tensors)
    {
        var graph = GraphBuilder.Edit(model);
        var terms = new List<string>();
        foreach (var output in model.Graph.Outputs.Select(o => o.Name).ToList())
        {
            if (!tensors.TryGetValue("dy/" + output, out var dy))
                continue;
            var upstream = graph.Initializer(OnnxTensor.FromBytes("dy/" + output, dy.Type, dy.Bytes, dy.Shape));
            terms.Add(graph.ReduceSum(graph.Mul(graph.Cast(output, OnnxType.Float), graph.Cast(upstream, OnnxType.Float)), keepDims: false));
        }
        var gradients = GradientBuilder.AddGradients(graph, graph.Sum(terms), targets);
        model.Graph.Outputs.Clear();
        foreach (var target in targets)
            graph.Output(graph.Cast(gradients[target], OnnxType.Float), "gradient of " + target);
        return graph.Build();
    }

    static void Bind(OnnxModel model, Func<OnnxValueInfo, long[]> shape)
    {
        var inputs = model.Graph.Inputs.ToArray();
        model.Graph.Inputs.Clear();
        model.Graph.Inputs.AddRange(inputs.Select(v => new OnnxValueInfo(v.Name, v.ElementType, [.. shape(v).Select(Dim.Of)])));
    }

    static Dictionary<string, TestTensor> Feeds(Dictionary<string, TestTensor> tensors) =>
        tensors.Where(t => t.Key.StartsWith("in/", StringComparison.Ordinal)).ToDictionary(t => t.Key[3..], t => t.Value);

    static double Error(double[] found, double[] expected)
    {
        Assert.That(found, Has.Length.EqualTo(expected.Length));
        return found.Zip(expected, (a, b) => a == b ? 0 : Math.Abs(a - b) / (1 + Math.Abs(b))).DefaultIfEmpty(0).Max(e => double.IsNaN(e) ? double.MaxValue : e);
    }

    static double ErrorBetween(double[] found, double[] low, double[] high) =>
        found.Select((a, i) => Math.Max(0, Math.Max(low[i] - a, a - high[i])) / (1 + Math.Abs(a))).Max();
}
