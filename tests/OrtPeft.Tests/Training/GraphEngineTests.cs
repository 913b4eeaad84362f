namespace OrtPeft.Tests;

/// <summary>A batch gives the same step whether it runs as one or as micro-batches.</summary>
sealed class GraphEngineTests
{
    const int Width = 32, Labels = 3, Batch = 20, Length = 48;

    [TestCase("adamw", 0.0)]
    [TestCase("adamw", 0.2)]
    [TestCase("sgd", 0.2)]
    public void Micro_batches_give_the_step_of_the_whole_batch(string optimizer, double dropout)
    {
        var whole = Train(threads: 1);
        var divided = Train(threads: 3);
        Assert.That(divided.Losses, Is.EqualTo(whole.Losses).Within(1e-5f));
        for (var i = 0; i < whole.Values.Count; i++)
            Assert.That(MethodFixture.RelativeError(divided.Values[i].Values, whole.Values[i].Values), Is.LessThan(1e-4), whole.Values[i].Name);

        (float[] Losses, IReadOnlyList<TrainedTensor> Values) Train(int threads)
        {
            var options = new YTuningOptions { Heads = 4, FeedForward = 64, Dropout = dropout };
            var tunable = YTuning.Graph(options, new ClassificationTask(["a", "b", "c"]), YTuning.Tensors(options, Width, TrainedTensor.Normal("labels", 0.5, 1, 1 + Labels, Width), seed: 1));
            using var engine = new GraphEngine(tunable, Width, Labels, new TrainingOptions { Optimizer = optimizer, WeightDecay = 0.01 }, new ExecutionOptions { Threads = threads });
            using var batch = RandomBatch();
            return ([.. Enumerable.Range(0, 5).Select(_ => engine.Train(batch, 1e-3))], engine.Read().Values);
        }
    }

    static FeatureBatch RandomBatch()
    {
        var random = new CounterRandom(7, "features");
        var batch = new FeatureBatch([.. Enumerable.Range(0, Batch)], Length, Width, FeatureView.Tokens);
        for (var row = 0; row < Batch; row++)
        {
            var values = new float[(Length - row) * Width];
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)random.NextNormal();
            batch.SetExample(row, values);
            batch.Labels[row] = row % Labels;
        }
        return batch;
    }
}
