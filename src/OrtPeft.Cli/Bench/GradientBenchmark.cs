using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Forward and backward of the backbone, with the gradients of all layer inputs, biases and LayerNorm parameters, against its own optimised
/// forward (two intra-op threads, batch 16): once as one large run, once in micro-batches of 256 tokens, one single-threaded run a core.
/// </summary>
static class GradientBenchmark
{
    const int Length = 128;
    const int Rows = 16;
    const int MicroRows = 2;
    const string Upstream = "upstream";

    internal static IEnumerable<BenchmarkRow> Run(BenchmarkInput input, CancellationToken cancellationToken)
    {
        var before = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        var (model, targets) = Build(input.Backbone);
        var (buildSeconds, allocated) = (watch.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes() - before);
        var folder = Directory.CreateTempSubdirectory("ortpeft-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "gradient.onnx");
            model.Save(path);
            using var forward = OrtSession.FromFile(input.Backbone.ModelPath, input.Execution.EffectiveThreads, input.Execution);
            using var whole = OrtSession.FromFile(path, input.Execution.EffectiveThreads, input.Execution);
            using var single = OrtSession.FromFile(path, 1, input.Execution);
            var outputs = model.Graph.Outputs.Select(o => o.Name).ToArray();
            var (forwards, wholes, micros) = (new List<double>(), new List<double>(), new List<double>());
            var rounds = input.Quick ? 1 : 5;
            for (var round = 0; round <= rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                input.Output.Say($"gradient: round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
                var f = Benchmarks.Seconds(() => Step(forward, input.Backbone, Rows, [input.Backbone.LastHiddenState], withUpstream: false));
                var w = Benchmarks.Seconds(() => Step(whole, input.Backbone, Rows, outputs, withUpstream: true));
                var m = Benchmarks.Seconds(() => Parallel.For(0, Rows / MicroRows, new ParallelOptions { MaxDegreeOfParallelism = input.Execution.Calls },
                    _ => Step(single, input.Backbone, MicroRows, outputs, withUpstream: true)));
                if (round == 0)
                    continue;
                forwards.Add(f);
                wholes.Add(w / f);
                micros.Add(m / f);
            }
            return
            [
                new BenchmarkRow("gradient", $"optimised forward of {Rows} x {Length} tokens", Benchmarks.Milliseconds(Benchmarks.Median(forwards)), 1),
                new BenchmarkRow("gradient", $"forward and backward to {targets} tensors, one run", "", Benchmarks.Median(wholes)),
                new BenchmarkRow("gradient", $"the same in micro-batches of {MicroRows} x {Length}, one a core", "", Benchmarks.Median(micros), "<= 2.2"),
                new BenchmarkRow("gradient", $"building that graph ({model.Graph.Nodes.Count} nodes), {Measures.Bytes(allocated)} allocated", Benchmarks.Milliseconds(buildSeconds), null, "< 1 s"),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static (OnnxModel Model, int Targets) Build(Backbone backbone)
    {
        var graph = GraphBuilder.Edit(OnnxModel.Load(backbone.ModelPath));
        var model = graph.Build();
        var upstream = graph.Input(Upstream, OnnxType.Float, "batch", "sequence", backbone.Hidden);
        var loss = graph.ReduceSum(graph.Mul(backbone.LastHiddenState, upstream), keepDims: false);
        var vectors = model.Graph.Initializers.Where(t => t.ElementType == OnnxType.Float && t.Dims is [> 1] && !t.Name.Contains("pooler", StringComparison.Ordinal)).Select(t => t.Name);
        // Every second LayerNormalization, from the embedding's on, ends where a layer begins.
        var hidden = model.Graph.Nodes.Where(n => n.OpType == "LayerNormalization").Select(n => n.Outputs[0]).Where((_, i) => i % 2 == 0);
        var gradients = GradientBuilder.AddGradients(graph, loss, [.. vectors, .. hidden]);
        model.Graph.Outputs.Clear();
        foreach (var gradient in gradients.Values)
            graph.Output(gradient);
        return (model, gradients.Count);
    }

    static void Step(InferenceSession session, Backbone backbone, int rows, string[] outputs, bool withUpstream)
    {
        var feeds = backbone.InputNames.ToDictionary(name => name, name =>
        {
            var role = backbone.RoleOf(name);
            var values = Enumerable.Range(0, rows * Length).Select(i => role == InputRole.Ids ? 1000L + i * 37 % 20000 : role == InputRole.Mask ? 1 : 0).ToArray();
            return OrtValue.CreateTensorValueFromMemory(values, [rows, Length]);
        });
        if (withUpstream)
            feeds.Add(Upstream, OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(0.01f, rows * Length * backbone.Hidden).ToArray(), [rows, Length, backbone.Hidden]));
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, outputs);
        foreach (var value in feeds.Values)
            value.Dispose();
    }
}
