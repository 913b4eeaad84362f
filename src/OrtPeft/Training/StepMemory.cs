using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// What a training step needs in memory, from the graph alone: so the same option gives the same parts of a batch, and the same bits, on every machine.
/// </summary>
/// <param name="Fixed">Bytes that are needed whatever the batch: weights of the model, trained values, gradients and moments.</param>
/// <param name="Graph">The step's graph.</param>
/// <param name="Texts">Rows of the graph for one example.</param>
/// <param name="Length">Tokens of the longest example.</param>
sealed record StepMemory(long Fixed, OnnxModel Graph, int Texts, int Length)
{
    /// <param name="tunable">What is trained.</param>
    /// <param name="graph">The step's graph.</param>
    /// <param name="options">How.</param>
    /// <param name="length">Tokens of the longest example.</param>
    /// <param name="threads">Threads that compute at once.</param>
    internal static StepMemory Of(TunableGraph tunable, OnnxModel graph, TrainingOptions options, int length, int threads)
    {
        graph = graph.Copy();
        SmallTables.Apply(graph);
        var (shapes, constants) = (ShapeInference.Infer(graph), ConstantsOf(graph));
        var weights = graph.Graph.Nodes.Where(n => !n.Outputs.TrueForAll(constants.Contains)).SelectMany(ReadsOf).Where(constants.Contains).Distinct().Sum(t => Bytes(shapes, t));
        // Training and evaluation hold the weights each; every worker has gradients of its own.
        var trained = tunable.Tensors.Sum(t => t.Count) * sizeof(float) * (1L + Optimizers.Get(options.Optimizer).Moments.Length + (options.Ema > 0 ? 1 : 0) + threads);
        return new StepMemory(2 * weights + trained, graph, tunable.TextsPerExample, length);
    }

    /// <summary>Tensors that the runtime computes once, when it loads the model: constants, and what depends on constants alone.</summary>
    static HashSet<string> ConstantsOf(OnnxModel model)
    {
        var constants = model.Graph.Initializers.Select(i => i.Name).ToHashSet();
        foreach (var node in model.Graph.Nodes.Where(n => ReadsOf(n).All(constants.Contains)))
            constants.UnionWith(node.Outputs);
        return constants;
    }

    static IEnumerable<string> ReadsOf(OnnxNode node) => node.Inputs.Where(i => i.Length > 0).Concat(GraphNames.Captured(node));

    /// <summary>The most examples that <paramref name="workers"/> may compute at once each, so that all fits into <paramref name="limit"/> bytes.</summary>
    /// <exception cref="OrtPeftException">Not even one does.</exception>
    internal int MicroBatch(long limit, int batchSize, int workers)
    {
        if (!Fits(1))
            throw new OrtPeftException($"--memory is {limit / 1_000_000} MB; a step needs {(Total(1, workers) + 999_999) / 1_000_000} MB even for one example of {Length} tokens at a time"
                + $"{(workers > 1 ? $" on each of {workers} threads" : "")}. Give more, or lower --max-length{(workers > 1 ? " or --threads" : "")}.");
        var (fits, over) = (1, batchSize + 1);
        while (over - fits > 1)
        {
            var middle = (fits + over) / 2;
            (fits, over) = Fits(middle) ? (middle, over) : (fits, middle);
        }
        return fits;

        bool Fits(int examples) => Total(examples, workers) <= limit;
    }

    /// <summary>Bytes of a step whose workers compute so many examples each.</summary>
    internal long Total(int examples, int workers) => Fixed + workers * Activations(examples);

    /// <summary>The most bytes of tensors that are alive at once while the graph runs, each from the node that writes it to the last that reads it.</summary>
    internal long Activations(int examples)
    {
        var model = Graph.Copy();
        for (var i = 0; i < model.Graph.Inputs.Count; i++)
            model.Graph.Inputs[i] = WithLengths(model.Graph.Inputs[i], examples);
        model.Graph.ValueInfos.Clear();
        var (shapes, nodes, constants) = (ShapeInference.Infer(model), model.Graph.Nodes, ConstantsOf(model));
        var lastReader = new Dictionary<string, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var tensor in ReadsOf(nodes[i]).Where(t => !constants.Contains(t)))
                lastReader[tensor] = i;
        }
        foreach (var output in model.Graph.Outputs)
            lastReader[output.Name] = nodes.Count;
        var freed = lastReader.ToLookup(r => r.Value, r => r.Key);
        var alive = new Dictionary<string, long>();
        long now = 0, most = 0;
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var output in nodes[i].Outputs.Where(lastReader.ContainsKey))
                now += alive[output] = Bytes(shapes, output);
            most = Math.Max(most, now);
            foreach (var tensor in freed[i])
                now -= alive.GetValueOrDefault(tensor);
        }
        return most;
    }

    OnnxValueInfo WithLengths(OnnxValueInfo input, int examples) => new(input.Name, input.ElementType, [.. input.Shape!.Select(d => d.Symbol switch
    {
        "batch" => Dim.Of(examples),
        "texts" => examples * Texts,
        "sequence" => Length,
        _ => d,
    })]);

    /// <summary>A length that cannot be known counts as one.</summary>
    static long Bytes(ShapeMap shapes, string tensor) => shapes.TryGet(tensor, out var info) && info.Shape is { } shape
        ? shape.Aggregate(ElementBits(info.ElementType) / 8, (bytes, d) => checked(bytes * (d.IsKnown ? Math.Max(1, d.Value) : 1))) : 0;

    static long ElementBits(OnnxType type) => Math.Max(8, type.Bits());
}
