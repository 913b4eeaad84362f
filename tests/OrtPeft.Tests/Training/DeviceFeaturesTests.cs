using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>Features that lie on a device or are uploaded to it, with the processor as the device: the bits of the ordinary path.</summary>
sealed class DeviceFeaturesTests
{
    const long Everything = 1_000_000_000;
    const string Memory = "Cpu";
    static readonly ExecutionOptions OneThread = new() { Provider = "cpu", Threads = 1 };
    static readonly ClassificationTask Task = new(["ham", "spam"]);

    readonly CachePlace _place = new();

    [OneTimeTearDown]
    public void RemoveFolders() => _place.Dispose();

    /// <summary>Of these some occur twice.</summary>
    static TextData Mails => TextData.FromExamples([.. Tiny.Mails(20), .. Tiny.Mails(5).Select(m => m with { Id = m.Id + " again" })]);

    [OneTimeSetUp]
    public void FillCaches() => Array.ForEach(Enum.GetValues<FeatureDType>(), dtype => _place.Run($"{dtype}", Mails, CachePlace.Small with { DType = dtype }));

    FeatureCache Cache(FeatureDType dtype) => FeatureCache.Open(_place[$"{dtype}"]);

    static FeatureSet Set(FeatureCache cache, FeatureView view) => new(cache, Mails, Task.TargetsOf(Mails, new WordPlaces(Tiny.Backbone(), 16)), view);

    static TrainingJob Job(FeatureSet set, int microBatch = 0)
    {
        var method = new LinearProbeOptions { Pooling = set.View == FeatureView.Tokens ? PoolingKind.Attention : PoolingKind.Mean };
        return new TrainingJob
        {
            Tunable = method.Apply(Tiny.Backbone(), Task, seed: 0),
            Options = new TrainingOptions { Epochs = 2, BatchSize = 8, SelectBy = "accuracy", MicroBatch = microBatch }.Resolve(method.Defaults(set.Count)),
            Task = Task,
            Train = set,
            Dev = set,
            Execution = OneThread,
        };
    }

    static (string, float[])[] Values(TrainingBatch batch, int start, int count)
    {
        var values = new List<(string, float[])>();
        foreach (var (name, value) in batch.Inputs(start, count))
        {
            using (value)
                values.Add((name, value.GetTensorDataAsSpan<float>().ToArray()));
        }
        return [.. values];
    }

    [Test]
    public void A_batch_has_the_same_bits(
        [Values(FeatureDType.Fp16, FeatureDType.Fp32, FeatureDType.Bf16, FeatureDType.Int8)] FeatureDType dtype,
        [Values(FeatureView.Tokens, FeatureView.Mean, FeatureView.Cls)] FeatureView view,
        [Values(Everything, 0)] long limit)
    {
        using var cache = Cache(dtype);
        var set = Set(cache, view);
        using var placed = DeviceFeatures.Of(Job(set), Memory, Memory, limit);
        Assert.That(placed.Job.Train, limit > 0 ? Is.InstanceOf<ResidentSet>() : Is.InstanceOf<UploadedSet>());
        foreach (var examples in new int[][] { [3], [0, 24, 7, 20, 0], [.. Enumerable.Range(0, set.Count)] })
        {
            using var expected = set.Batch(examples);
            using var actual = placed.Job.Train.Batch(examples);
            Assert.That((actual.Size, actual.Length), Is.EqualTo((expected.Size, expected.Length)));
            Assert.That(actual.Targets.Classes.ToArray(), Is.EqualTo(expected.Targets.Classes.ToArray()));
            for (var time = 0; time < 2; time++)
                Assert.That(Values(actual, 0, examples.Length), Is.EqualTo(Values(expected, 0, examples.Length)));
            Assert.That(Values(actual, examples.Length / 2, 1), Is.EqualTo(Values(expected, examples.Length / 2, 1)));
            Assert.That(actual.FirstNonFinite(), Is.Null);
        }
    }

    [Test]
    public void A_training_has_the_same_bits([Values(FeatureView.Tokens, FeatureView.Mean)] FeatureView view, [Values(0, 3)] int microBatch, [Values(Everything, 0)] long limit)
    {
        using var cache = Cache(FeatureDType.Fp16);
        var job = Job(Set(cache, view), microBatch);
        using var placed = DeviceFeatures.Of(job, Memory, Memory, limit);
        var (expected, actual) = (Trainer.Run(job, null, default), Trainer.Run(placed.Job, null, default));
        Assert.That(actual.Epochs.Select(e => (e.Loss, e.DevLoss)), Is.EqualTo(expected.Epochs.Select(e => (e.Loss, e.DevLoss))));
        for (var i = 0; i < expected.Tensors.Count; i++)
            Assert.That(actual.Tensors[i].Values, Is.EqualTo(expected.Tensors[i].Values), expected.Tensors[i].Name);
    }

    [Test]
    public void A_step_on_a_device_reads_them_there([Values(Everything, 0)] long limit)
    {
        using var cache = Cache(FeatureDType.Fp16);
        var job = Job(Set(cache, FeatureView.Tokens));
        using var placed = DeviceFeatures.Of(job, Memory, null, limit);
        Assert.That(Losses(placed.Job), Is.EqualTo(Losses(job)));

        static float[] Losses(TrainingJob job)
        {
            using var engine = new GraphEngine(job.Tunable, job.Train.Width, Task.Outputs, job.Options, OneThread, new DeviceMemory(OneThread, Memory));
            var losses = new List<float>();
            foreach (var batch in job.Train.Batches(BatchPlan.Epoch(job.Train.Lengths, 8, seed: 0, epoch: 1)))
            {
                using (batch)
                    losses.Add(engine.Train(batch, 1e-2));
            }
            return [.. losses];
        }
    }

    [Test]
    public void They_are_kept_as_stored_and_each_text_once()
    {
        using var half = Cache(FeatureDType.Fp16);
        using var single = Cache(FeatureDType.Fp32);
        using var small = Cache(FeatureDType.Int8);
        var rows = Tiny.Mails(20).Sum(m => half.Length(FeatureKey.Of(m))) + 1;
        Assert.That(FeatureTable.BytesOf(Set(half, FeatureView.Tokens)), Is.EqualTo(rows * 32 * 2));
        Assert.That(FeatureTable.BytesOf(Set(single, FeatureView.Tokens)), Is.EqualTo(rows * 32 * 4));
        Assert.That(FeatureTable.BytesOf(Set(small, FeatureView.Tokens)), Is.EqualTo(rows * (32 + 4)));
        Assert.That(FeatureTable.BytesOf(Set(half, FeatureView.Mean)), Is.EqualTo(26 * 32 * 4));
    }

    [Test]
    public void What_is_too_large_as_a_whole_is_uploaded_and_that_is_said()
    {
        using var cache = Cache(FeatureDType.Fp16);
        var job = Job(Set(cache, FeatureView.Tokens));
        var bytes = 2 * FeatureTable.BytesOf((FeatureSet)job.Train); // training and dev part
        using var fits = DeviceFeatures.Of(job, Memory, null, bytes);
        using var larger = DeviceFeatures.Of(job, Memory, null, bytes - 1);
        Assert.That(fits.Notice, Does.EndWith(" MB of features are kept on the device."));
        Assert.That(larger.Notice, Does.EndWith("MB may be kept on the device (--provider-option featureMemory)."));
        Assert.That((larger.Job.Train, larger.Job.Dev), Is.EqualTo((larger.Job.Train as UploadedSet, job.Dev)));
    }

    [Test]
    public void Nothing_is_placed_where_there_is_no_device()
    {
        using var cache = Cache(FeatureDType.Fp16);
        var job = Job(Set(cache, FeatureView.Tokens));
        using var placed = DeviceFeatures.Of(job);
        Assert.That((placed.Job, placed.Notice), Is.EqualTo((job, (string?)null)));
    }
}
