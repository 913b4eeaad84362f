namespace OrtPeft.Tests;

/// <summary>What training does on a device, with the processor as the device: values pass through bindings, sums and optimizers are graphs.</summary>
sealed class DeviceTrainingTests
{
    static readonly ExecutionOptions OneThread = new() { Provider = "cpu", Threads = 1 };

    static DeviceMemory Device() => new(OneThread, "Cpu");

    [Test]
    public void Values_go_in_and_come_out()
    {
        using var memory = Device();
        using var matrix = memory.Allocate([2, 3]);
        using var scalar = memory.Allocate([]);
        memory.Write([1, -2, 3, 4, 5, float.MaxValue], matrix);
        memory.Write([7], scalar);
        Assert.That(memory.Read(matrix), Is.EqualTo(new[] { 1, -2, 3, 4, 5, float.MaxValue }));
        Assert.That(memory.Read(scalar), Is.EqualTo(new[] { 7f }));
        Assert.That(memory.IsHost, Is.False);
    }

    [TestCase(0, new[] { 3.25f, 6.5f, 9.75f })]
    [TestCase(6.0, new[] { 3.25f, 6, 6 })]
    public void Micro_batches_are_added_by_their_shares_and_cut_off(double clipValue, float[] expected)
    {
        using var memory = Device();
        TrainedTensor[] tensors = [TrainedTensor.Constant("w", 0, 3)];
        using var buffers = new TrainingBuffers(tensors, [], memory);
        var (first, second) = (buffers.Allocate(), buffers.Allocate());
        using var sum = new DeviceGradientSum(first, tensors, clipValue, OneThread);
        for (var step = 0; step < 2; step++)
        {
            memory.Write([1, 2, 3], first[0]);
            memory.Write([4, 8, 12], second[0]);
            sum.Add([(first, 0.25f), (second, 0.5f)], isLast: false);
            memory.Write([4, 8, 12], second[0]);
            sum.Add([(second, 0.25f)], isLast: true);
            Assert.That(memory.Read(sum.Values[0]), Is.EqualTo(expected));
            Assert.That(sum.Norm, Is.EqualTo(Math.Sqrt(expected.Sum(x => (double)x * x))).Within(1e-5));
        }
        foreach (var tensor in first.Concat(second))
            tensor.Dispose();
    }

    [TestCase("adamw", 0, 0)]
    [TestCase("adamw", 3, 0)]
    [TestCase("adamw", 3, 0.9)]
    [TestCase("lion", 0, 0)]
    public void Twenty_steps_equal_those_on_the_processor(string optimizer, int microBatch, double ema)
    {
        var options = new TrainingOptions { Optimizer = optimizer, MicroBatch = microBatch, Ema = ema, Clip = 0.5, WeightDecay = 0.01, LearningRate = 1e-2, Epochs = 1, BatchSize = 8, Patience = 0 };
        var fixture = new MethodFixture("linear-probe/mean");
        var tunable = LinearProbe.Graph(new LinearProbeOptions(), fixture.Task(), fixture.Start());
        var onProcessor = Train(null);
        var onDevice = Train(Device());
        Assert.That(onDevice.Losses, Is.EqualTo(onProcessor.Losses).Within(1e-5f));
        for (var i = 0; i < onProcessor.State.Values.Count; i++)
            Assert.That(onDevice.State.Values[i].Values, Is.EqualTo(onProcessor.State.Values[i].Values).Within(1e-5f), onProcessor.State.Values[i].Name);
        Assert.That(onDevice.State.Moments.Keys, Is.EquivalentTo(onProcessor.State.Moments.Keys));
        Assert.That(onDevice.Scores, Is.EqualTo(onProcessor.Scores).Within(1e-4f));

        (float[] Losses, TrainingState State, float[] Scores) Train(TensorMemory? memory)
        {
            using var first = fixture.Batch(1, tunable);
            using var engine = new GraphEngine(tunable, first.Width, fixture.Labels, options, OneThread, memory);
            var losses = new float[20];
            for (var step = 0; step < losses.Length; step++)
            {
                using var batch = fixture.Batch(1 + step % 5, tunable);
                losses[step] = engine.Train(batch, 1e-2);
            }
            return (losses, engine.Read(), engine.Evaluate(first).Scores);
        }
    }

    [Test]
    public void A_state_can_be_taken_out_and_gone_on_from()
    {
        var fixture = new MethodFixture("linear-probe/mean");
        var tunable = LinearProbe.Graph(new LinearProbeOptions(), fixture.Task(), fixture.Start());
        var options = new TrainingOptions { WeightDecay = 0, LearningRate = 1e-2, Epochs = 1, BatchSize = 8, Patience = 0 };
        using var batch = fixture.Batch(1, tunable);
        using var whole = new GraphEngine(tunable, batch.Width, fixture.Labels, options, OneThread, Device());
        whole.Train(batch, 1e-2);
        using var second = new GraphEngine(tunable, batch.Width, fixture.Labels, options, OneThread, Device());
        second.Write(whole.Read());
        Assert.That(second.Train(batch, 1e-2), Is.EqualTo(whole.Train(batch, 1e-2)));
        Assert.That(second.Read().Values[0].Values, Is.EqualTo(whole.Read().Values[0].Values));
    }
}
