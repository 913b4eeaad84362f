using Microsoft.ML.OnnxRuntime;
using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A tensor inside a backbone that a <see cref="ScoringPass"/> looks at.</summary>
/// <param name="Name">Its name in the method.</param>
/// <param name="Tensor">The tensor: one row of values a token.</param>
/// <param name="Width">Values of a token.</param>
/// <param name="Columns">Those of the values that count.</param>
sealed record WatchedTensor(string Name, string Tensor, int Width, ColumnRange Columns);

/// <summary>Reduces a tensor f and the gradient of the example's own loss to one number a channel, in the graph.</summary>
/// <param name="g">The graph.</param>
/// <param name="f">The tensor: [examples, tokens, width].</param>
/// <param name="gradient">dLoss/df, of the same shape.</param>
/// <param name="mask">1 for tokens, 0 for padding: [examples, tokens, 1].</param>
/// <returns>[examples, width].</returns>
delegate string ExampleScore(GraphBuilder g, string f, string gradient, string mask);

/// <summary>
/// One pass over the training part in which tensors inside the backbone and their gradients are reduced, in the graph, to one vector for each example. The
/// order in which examples are seen depends on their lengths alone, so the same run finds the same bits.
/// </summary>
static class ScoringPass
{
    /// <summary>The factor that makes of a batch's mean loss the sum of its examples' losses.</summary>
    const string MassInput = "labels.mass";

    /// <summary>Runs the pass.</summary>
    /// <param name="run">The finished run whose model and data are looked at.</param>
    /// <param name="find">The tensors, found in the graph with the method's edits.</param>
    /// <param name="score">What is computed of each.</param>
    /// <param name="see">Takes the tensor's place in <paramref name="find"/>, the example, and its scores, in a fixed order.</param>
    /// <returns>The tensors.</returns>
    internal static IReadOnlyList<WatchedTensor> Run(StageRun run, Func<HookScope, IEnumerable<WatchedTensor>> find, ExampleScore score, Action<int, int, ReadOnlySpan<float>> see)
    {
        IReadOnlyList<WatchedTensor> watched = [];
        var tunable = run.Tunable with { Encoder = run.Tunable.Encoder!.ShownTo(scope => watched = [.. find(scope)]) };
        using var session = tunable.OpenSession(Build(tunable, run, () => watched, score), intraOpThreads: 1);
        run.Say($"Scoring {watched.Count} places on {run.Train.Count} examples.");
        foreach (var wave in FeaturePlan.Runs(run.Train.Lengths, MicroBatches.LeastTokens).Chunk(run.Execution.EffectiveThreads))
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var scores = new float[wave.Length][][];
            Parallel.For(0, wave.Length, i => scores[i] = Scores(session, tunable, run.Train, wave[i], watched.Count));
            for (var i = 0; i < wave.Length; i++)
            {
                for (var tensor = 0; tensor < watched.Count; tensor++)
                {
                    var width = watched[tensor].Columns.Count;
                    for (var row = 0; row < wave[i].Length; row++)
                        see(tensor, wave[i][row], scores[i][tensor].AsSpan(row * width, width));
                }
            }
        }
        return watched;
    }

    static OnnxModel Build(TunableGraph tunable, StageRun run, Func<IReadOnlyList<WatchedTensor>> found, ExampleScore score)
    {
        var head = new HeadGraph(tunable, run.Train.Width, training: false);
        var (g, watched) = (head.Builder, found());
        var loss = g.Mul(TrainingGraph.Loss(g, tunable, head.Scores, run.Task.Outputs), g.Input(MassInput, OnnxType.Float));
        var gradients = GradientBuilder.AddGradients(g, loss, watched.Select(w => w.Tensor));
        var examples = g.DimOf(TrainingGraph.LabelsInput, 0);
        for (var i = 0; i < watched.Count; i++)
        {
            var (_, tensor, width, columns) = watched[i];
            var scores = score(g, ByExample(tensor, width), ByExample(gradients[tensor], width), ByExample(head.Mask, 1));
            g.Output(columns.Count == width ? scores : g.Slice(scores, 1, columns.Start, columns.Start + columns.Count), Output(i));
        }
        return g.Build();

        // The texts of one example, two for a pair, lie side by side; some exporters write tokens of all texts as rows of a matrix.
        string ByExample(string x, long width) => g.Reshape(x, g.Concat(0, examples, g.Vector(-1, width)));
    }

    static string Output(int tensor) => $"scores.{tensor}";

    static float[][] Scores(InferenceSession session, TunableGraph tunable, TrainingSet set, int[] examples, int tensors)
    {
        using var batch = set.Batch(examples);
        var feeds = batch.TrainingInputs(0, batch.Size).ToDictionary(i => i.Name, i => i.Value);
        feeds.Add(MassInput, OrtValue.CreateTensorValueFromMemory(new[] { (float)batch.Targets.Mass() }, []));
        foreach (var tensor in tunable.Tensors)
            feeds.Add(tensor.Name, OrtValue.CreateTensorValueFromMemory(tensor.Values, [.. tensor.Shape]));
        try
        {
            using var options = new RunOptions();
            using var outputs = session.Run(options, feeds, [.. Enumerable.Range(0, tensors).Select(Output)]);
            return [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            foreach (var value in feeds.Values)
                value.Dispose();
        }
    }
}
