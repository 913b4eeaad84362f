using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>The gradient of every head, task and loss against central differences of the loss along random directions.</summary>
sealed class HeadGradientTests
{
    const int Width = 8, Batch = 4, Length = 5;

    static readonly LearningTask Labels = new ClassificationTask(["a", "b", "c"]), Several = new MultiLabelTask(new(["a", "b", "c"])), Number = new RegressionTask(0, 1),
        Levels = new OrdinalTask(new(["1", "2", "3", "4"])), Tags = new TaggingTask(new(["O", "B-X", "I-X"])), Pairs = new SimilarityTask(0, 1);

    static readonly Dictionary<string, (LearningTask Task, Func<TunableGraph> Build)> Heads = new()
    {
        ["linear, cross-entropy"] = (Labels, () => Linear(Labels)),
        ["linear, smoothing"] = (Labels, () => Linear(Labels with { LossOptions = new() { LabelSmoothing = 0.2 } })),
        ["linear, focal"] = (Labels, () => Linear(Labels with { LossOptions = new() { Name = "focal", FocalGamma = 1.5 } })),
        ["linear, weighted"] = (Labels, () => Linear(Labels) with { Weighted = true }),
        ["linear, several labels"] = (Several, () => Linear(Several)),
        ["linear, several labels, weighted"] = (Several, () => Linear(Several) with { Weighted = true }),
        ["linear, several labels, focal"] = (Several, () => Linear(Several with { LossOptions = new() { Name = "binary-focal" } })),
        ["linear, number"] = (Number, () => Linear(Number)),
        ["linear, levels"] = (Levels, () => Linear(Levels)),
        ["linear, levels, weighted"] = (Levels, () => Linear(Levels) with { Weighted = true }),
        ["linear, tags"] = (Tags, () => Linear(Tags) with { Weighted = true }),
        ["linear, attention"] = (Labels, () => Linear(Labels, PoolingKind.Attention)),
        ["linear, mix of layers"] = (Labels, () => Linear(Labels, layers: 3)),
        ["linear, mix of layers, attention, levels"] = (Levels, () => Linear(Levels, PoolingKind.Attention, layers: 2)),
        ["linear, mix of layers, tags"] = (Tags, () => Linear(Tags, layers: 2) with { Weighted = true }),
        ["linear, pooler"] = (Labels, () => Linear(Labels, PoolingKind.Pooler)),
        ["linear, pooler with GELU"] = (Labels, () => Linear(Labels, PoolingKind.PoolerGelu)),
        ["linear, pooler with ReLU"] = (Labels, () => Linear(Labels, PoolingKind.PoolerRelu)),
        ["linear, pooler with a norm"] = (Labels, () => Linear(Labels, PoolingKind.PoolerNorm)),
        ["perceptron"] = (Labels, () => Perceptron(Labels, PoolingKind.Mean)),
        ["perceptron, attention, levels"] = (Levels, () => Perceptron(Levels, PoolingKind.Attention)),
        ["perceptron, tags"] = (Tags, () => Perceptron(Tags, PoolingKind.Mean) with { Weighted = true }),
        ["cosine"] = (Pairs, () => CosineHead.Graph(PoolingKind.Mean, Pairs, CosineHead.Tensors(Width))),
        ["y-tuning, several labels"] = (Several, () => Y(Several)),
        ["y-tuning, number"] = (Number, () => Y(Number)),
        ["y-tuning, levels"] = (Levels, () => Y(Levels)),
        ["y-tuning, margin, weighted"] = (Labels, () => Y(Labels) with { Weighted = true }),
    };

    static IEnumerable<string> Names => Heads.Keys;

    [TestCaseSource(nameof(Names))]
    public void The_gradient_agrees_with_differences(string name)
    {
        var (task, build) = Heads[name];
        var (tunable, outputs) = (build(), task.Outputs);
        // Away from symmetric starts, such as a zero query.
        tunable = tunable with { Tensors = [.. tunable.Tensors.Select(t => t with { Values = Noise(t.Name, t.Values.Length, 0.3f).Zip(t.Values, (n, v) => n + v).ToArray() })] };
        using var batch = MakeBatch(tunable, outputs);
        var graph = TrainingGraph.Build(tunable, batch.Width, outputs);
        using var training = OrtSession.FromBytes(graph.Model.ToBytes(), 1);
        using var evaluation = OrtSession.FromBytes(TrainingGraph.Evaluation(tunable, batch.Width, outputs).ToBytes(), 1);
        var gradients = Run(training, batch, tunable.Tensors, [.. tunable.Tensors.Select(t => TrainingGraph.Gradient(t.Name))]);

        for (var trial = 0; trial < 3; trial++)
        {
            var directions = tunable.Tensors.Select(t => Noise($"{t.Name}/{trial}", t.Values.Length, 1)).ToArray();
            double At(float step) => Run(evaluation, batch, [.. tunable.Tensors.Select((t, i) => t with { Values = [.. t.Values.Zip(directions[i], (v, d) => v + step * d)] })],
                [TrainingGraph.LossOutput])[0][0];
            var expected = (At(2e-3f) - At(-2e-3f)) / 4e-3;
            var actual = gradients.Zip(directions, (g, d) => g.Zip(d, (a, b) => (double)a * b).Sum()).Sum();
            Assert.That(actual, Is.EqualTo(expected).Within(5e-3 * (1 + Math.Abs(expected))), $"direction {trial}");
        }
    }

    static TunableGraph Linear(LearningTask task, PoolingKind pooling = PoolingKind.Mean, int layers = 1) => LinearProbe.Graph(new() { Pooling = pooling, Layers = layers }, task,
        [.. LayerMix.Tensors(layers), .. PooledFeatures.Tensors(pooling, task, Width, seed: 1), .. OutputLayer.Tensors(task, Width, seed: 1)]);

    static TunableGraph Perceptron(LearningTask task, PoolingKind pooling)
    {
        var options = new MlpOptions { Hidden = 6, Layers = 2, Dropout = 0, Pooling = pooling };
        return Mlp.Graph(options, task, Mlp.Tensors(options, task, Width, seed: 1));
    }

    static TunableGraph Y(LearningTask task)
    {
        var options = new YTuningOptions { Heads = 2, FeedForward = 6, Dropout = 0 };
        var rows = YTuning.HasPointer(task) ? 1 + task.Outputs : 1;
        var tensors = YTuning.Tensors(options, Width, TrainedTensor.Normal(YTuning.Labels, 0.5, 1, rows, Width), seed: 1);
        return YTuning.Graph(options, task, YTuning.HasPointer(task) ? tensors : [.. tensors, .. OutputLayer.Tensors(task, Width, seed: 1)]);
    }

    static FeatureBatch MakeBatch(TunableGraph tunable, int outputs)
    {
        var tokens = tunable.View == FeatureView.Tokens;
        var targets = new TargetBatch(tunable.Target, Batch, tunable.Target switch { TargetKind.TokenClass => Length, TargetKind.Values => outputs, _ => 1 }, tunable.Weighted);
        var batch = new FeatureBatch([.. Enumerable.Range(0, Batch)], tokens ? Length : 1, tunable.Width(Width), tunable.View) { Targets = targets };
        for (var row = 0; row < Batch; row++)
        {
            var values = Noise($"features/{row}", (tokens ? Length - row : 1) * batch.Width, 1);
            if (tokens)
                batch.SetExample(row, values);
            else
                values.CopyTo(batch.Features[(row * batch.Width)..]);
        }
        for (var i = 0; i < targets.Classes.Length; i++)
            targets.Classes[i] = i % 4 == 3 && tunable.Target == TargetKind.TokenClass ? Targets.None : i % 3;
        for (var i = 0; i < targets.Values.Length; i++)
            targets.Values[i] = i % 2;
        for (var i = 0; i < targets.Weights.Length; i++)
            targets.Weights[i] = tunable.Target == TargetKind.TokenClass && targets.Classes[i] == Targets.None ? 0 : 0.5f + i % 3;
        return batch;
    }

    static float[] Noise(string purpose, int count, float scale)
    {
        var random = new CounterRandom(11, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => scale * (float)random.NextNormal())];
    }

    static float[][] Run(InferenceSession session, FeatureBatch batch, IReadOnlyList<TrainedTensor> tensors, string[] outputs)
    {
        var feeds = tensors.ToDictionary(t => t.Name, t => OrtValue.CreateTensorValueFromMemory(t.Values, [.. t.Shape]));
        foreach (var (name, value) in batch.TrainingInputs(0, batch.Size))
            feeds.Add(name, value);
        using var runOptions = new RunOptions();
        using var results = session.Run(runOptions, feeds, outputs);
        var values = results.Select(r => r.GetTensorDataAsSpan<float>().ToArray()).ToArray();
        foreach (var value in feeds.Values)
            value.Dispose();
        return values;
    }
}
