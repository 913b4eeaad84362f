using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>Where nodes run is read from ONNX Runtime itself; what was left to the processor is refused.</summary>
sealed class NodePlacementTests
{
    /// <summary>y = Softmax(x + x), with a shape in between, so that one node computes and one does shape work.</summary>
    static InferenceSession Watched()
    {
        var g = new GraphBuilder(17);
        var x = g.Input("x", OnnxType.Float, "rows", 4);
        g.Output(g.Reshape(g.Softmax(g.Add(x, x)), g.Shape(x)), "y");
        using var options = OrtSession.Options(1);
        NodePlacement.Watch(options);
        return new InferenceSession(g.Build().ToBytes(), options);
    }

    [Test]
    public void Every_node_has_a_provider()
    {
        Assert.That(NodePlacement.IsKnown, "this ONNX Runtime is 1.24 or later");
        using var session = Watched();
        var nodes = NodePlacement.Of(session);
        Assert.That(nodes.Select(n => n.Operator), Is.SupersetOf(new[] { "Add", "Softmax" }));
        Assert.That(nodes.Select(n => n.Provider), Is.All.EqualTo("CPUExecutionProvider"));
        Assert.That(nodes.Select(n => n.Node), Is.All.Not.Null);
    }

    [Test]
    public void What_fell_back_is_refused_by_name()
    {
        using var session = Watched();
        Assert.That(() => NodePlacement.Require(session, ExecutionProviders.Get("cuda")), Throws.TypeOf<OrtPeftException>()
            .With.Message.Contains("The cuda provider cannot run Softmax (1) of this model").And.Message.Contains("Nothing falls back to the processor unasked"));
        Assert.That(() => NodePlacement.Require(session, ExecutionProviders.Get("cpu")), Throws.Nothing);
    }

    [Test]
    public void A_provider_that_took_nothing_is_refused()
    {
        var g = new GraphBuilder(17);
        var x = g.Input("x", OnnxType.Float, 4);
        g.Output(g.Add(x, x), "y");
        using var options = OrtSession.Options(1);
        NodePlacement.Watch(options);
        using var session = new InferenceSession(g.Build().ToBytes(), options);
        Assert.That(() => NodePlacement.Require(session, ExecutionProviders.Get("cuda")), Throws.TypeOf<OrtPeftException>().With.Message.Contains("The cuda provider took no node of this model."));
    }
}
