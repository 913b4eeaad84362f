using System.Text.Json;
using NUnit.Framework;
using OrtPeft.Gradients;
using OrtPeft.Graphs;
using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests.Gradients;

/// <summary>Every exporter's form of every encoder: shapes of all tensors, round trip, gradients of all sites and parameters.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public class BackboneTests
{
    static IEnumerable<TestCaseData> Exports =>
        from name in BackboneFixture.Names from export in BackboneFixture.Load(name).Exports select new TestCaseData(name, export);

    [TestCaseSource(nameof(Exports))]
    public void Shapes_agree_with_what_runs(string name, string export)
    {
        var fixture = BackboneFixture.Load(name);
        var inputs = fixture.Inputs;
        var model = fixture.Model(export);
        var symbolic = ShapeInference.Infer(model);
        Assert.That(symbolic.Unresolved, Is.Empty);
        Assert.That(symbolic["last_hidden_state"].Shape!.Select(d => d.ToString()), Is.EqualTo(
            name == "vit" ? ["batch", "17", "32"] : new[] { "batch", "sequence", "32" }));

        var declared = model.Graph.Inputs.ToArray();
        model.Graph.Inputs.Clear();
        model.Graph.Inputs.AddRange(declared.Select(v => new OnnxValueInfo(v.Name, v.ElementType, [.. inputs[v.Name].Shape.Select(Dim.Of)])));
        var shapes = ShapeInference.Infer(model);
        var names = model.Graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToList();
        model.Graph.Outputs.Clear();
        model.Graph.Outputs.AddRange(names.Where(n => shapes[n].ElementType != OnnxType.Undefined).Select(n => shapes[n]).Select(v => new OnnxValueInfo(v.Name, v.ElementType, null)));
        var values = OrtRunner.Run(model, inputs, Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL);
        using (Assert.EnterMultipleScope())
        {
            foreach (var tensor in names)
            {
                Assert.That(shapes[tensor].ElementType, Is.EqualTo(values[tensor].Type), tensor);
                Assert.That(shapes[tensor].Shape!.Select(d => d.ToString()), Is.EqualTo(values[tensor].Shape.Select(d => d.ToString())), tensor);
            }
        }
    }

    [TestCaseSource(nameof(Exports))]
    public void A_round_trip_computes_the_same(string name, string export)
    {
        var fixture = BackboneFixture.Load(name);
        var copy = fixture.Model(export).ToBytes();
        Assert.That(OrtRunner.Run(copy, fixture.Inputs)["last_hidden_state"].Bytes,
            Is.EqualTo(OrtRunner.Run(fixture.Bytes(export), fixture.Inputs)["last_hidden_state"].Bytes));
        Assert.That(OnnxModel.FromBytes(copy).ToBytes(), Is.EqualTo(copy), "a second round trip is exact");
    }

    [TestCaseSource(nameof(Exports))]
    public void Gradients_of_every_site_and_parameter_agree(string name, string export)
    {
        var fixture = BackboneFixture.Load(name);
        var sites = fixture.Sites.GetProperty(export);
        var parameters = ParameterGroups(sites.GetProperty("parameters"));
        var tensors = sites.GetProperty("tensors").EnumerateObject().Select(t => (Site: t.Name, Tensor: t.Value.GetString()!)).ToList();
        var targets = tensors.Select(t => t.Tensor).Concat(parameters.SelectMany(p => p.Places).Select(p => p.Tensor)).Distinct().ToList();

        var graph = GraphBuilder.Edit(fixture.Model(export));
        var upstream = fixture.MaskedUpstream();
        var r = graph.Initializer(OnnxTensor.FromBytes("R", OnnxType.Float, upstream.Bytes, upstream.Shape));
        var gradients = GradientBuilder.AddGradients(graph, graph.ReduceSum(graph.Mul("last_hidden_state", r), keepDims: false), targets);
        var model = graph.Build();
        model.Graph.Outputs.Clear();
        foreach (var target in targets)
            graph.Output(gradients[target], "gradient of " + target);
        var found = OrtRunner.Run(model, fixture.Inputs, Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_ENABLE_BASIC);

        using (Assert.EnterMultipleScope())
        {
            foreach (var (site, tensor) in tensors)
                Assert.That(RelativeError(found["gradient of " + tensor].Values(), fixture.Gradient(site).Values()), Is.LessThan(1e-4), site);
            foreach (var (names, places) in parameters)
            {
                var expected = Sum(names.Select(n => fixture.Gradient("param." + n).Values()));
                var sum = Sum(places.Select(p => p.Take(found["gradient of " + p.Tensor], fixture.Gradient("param." + names[0]).Shape)));
                Assert.That(RelativeError(sum, expected), Is.LessThan(1e-4), string.Join(", ", names));
            }
        }
    }

    /// <summary>Parameters and the places their values are stored; exporters merge equal parameters and copy shared ones.</summary>
    static List<(List<string> Names, List<Place> Places)> ParameterGroups(JsonElement parameters)
    {
        var groups = new List<(List<string> Names, List<Place> Places)>();
        foreach (var parameter in parameters.EnumerateObject())
        {
            var places = parameter.Value.EnumerateArray().Select(Place.Read).ToList();
            var merged = groups.Where(g => g.Places.Exists(places.Contains)).ToList();
            groups.RemoveAll(merged.Contains);
            groups.Add(([parameter.Name, .. merged.SelectMany(g => g.Names)], [.. places.Concat(merged.SelectMany(g => g.Places)).Distinct()]));
        }
        return groups;
    }

    static double[] Sum(IEnumerable<double[]> terms) => terms.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);

    static double RelativeError(double[] found, double[] expected)
    {
        Assert.That(found, Has.Length.EqualTo(expected.Length));
        var scale = expected.Max(Math.Abs);
        // Zero but for rounding: a bias of keys shifts all scores of a row alike.
        if (scale < 1e-6)
            return found.Max(Math.Abs) < 1e-5 ? 0 : double.MaxValue;
        return found.Zip(expected, (a, b) => Math.Abs(a - b)).Max() is var worst && double.IsNaN(worst) ? double.MaxValue : worst / scale;
    }

    /// <summary>Where an export stores a parameter: a tensor, perhaps transposed, perhaps a part of a larger one.</summary>
    sealed record Place(string Tensor, string Form, int Axis, int Offset)
    {
        const string Copy = "Identity of ";

        /// <summary>Where the values are stored; a copy made by an Identity node counts as what it copies.</summary>
        internal static Place Read(JsonElement json) => new(Stored(json.GetProperty("kind").GetString()!, json.GetProperty("onnx").GetString()!), json.GetProperty("form").GetString()!,
            json.TryGetProperty("axis", out var axis) ? axis.GetInt32() : 0, json.TryGetProperty("offset", out var offset) ? offset.GetInt32() : 0);

        static string Stored(string kind, string tensor) => kind.StartsWith(Copy, StringComparison.Ordinal) ? kind[Copy.Length..] : tensor;

        /// <summary>The parameter's part of a tensor, in the parameter's own layout.</summary>
        internal double[] Take(TestTensor tensor, long[] shape)
        {
            var values = tensor.Values();
            if (Form == "equal")
                return values;
            if (shape.Length == 1)
                return values[Offset..(Offset + (int)shape[0])];
            var (rows, columns, width) = ((int)shape[0], (int)shape[1], (int)tensor.Shape[1]);
            var part = new double[rows * columns];
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                    part[i * columns + j] = values[(j + (Axis == 0 ? Offset : 0)) * width + i + (Axis == 1 ? Offset : 0)];
            }
            return part;
        }
    }
}
