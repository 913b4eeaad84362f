using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>Random changes of training images: what they may do, that they depend on seed, epoch and example alone, and where there cannot be any.</summary>
sealed class ImageAugmentationTests
{
    const int Height = 5, Width = 7;

    static float[] Image => [.. Enumerable.Range(0, 2 * Height * Width).Select(i => (float)(i * i % 97))];

    [Test]
    public void An_image_is_mirrored_or_not()
    {
        var results = Enumerable.Range(0, 20).Select(seed => Changed("flip", seed)).ToArray();
        float[] mirrored = [.. Image.Chunk(Width).SelectMany(row => row.Reverse())];
        Assert.That(results.All(r => r.SequenceEqual(Image) || r.SequenceEqual(mirrored)), Is.True);
        Assert.That(results.Count(r => r.SequenceEqual(mirrored)), Is.InRange(4, 16));
    }

    [Test]
    public void A_shift_moves_all_planes_alike_and_repeats_the_edge()
    {
        var seen = new HashSet<(int, int)>();
        for (var seed = 0; seed < 60; seed++)
        {
            var result = Changed("shift=1", seed);
            seen.Add((from down in new[] { -1, 0, 1 } from right in new[] { -1, 0, 1 } where result.SequenceEqual(Shifted(down, right)) select (down, right)).Single());
        }
        Assert.That(seen, Has.Count.EqualTo(9), "every shift comes up");

        static float[] Shifted(int down, int right) => [.. from plane in new[] { 0, 1 } from y in Enumerable.Range(0, Height) from x in Enumerable.Range(0, Width)
                                                           select Image[(plane * Height + Math.Clamp(y - down, 0, Height - 1)) * Width + Math.Clamp(x - right, 0, Width - 1)]];
    }

    [Test]
    public void A_cut_is_stretched_to_the_old_size()
    {
        // A ramp stays a ramp, less steep.
        float[] ramp = [.. Enumerable.Range(0, 64).Select(i => (float)(i % 8))];
        ImageAugmentation.Parse("crop=4")!.Apply(ramp, 8, 8, new CounterRandom(3, "cut"));
        var steps = ramp.Chunk(8).First().Skip(1).Zip(ramp.Chunk(8).First(), (b, a) => b - a).ToArray();
        Assert.That(steps[2..5], Is.All.EqualTo(0.5f).Within(1e-6));
        Assert.That(Changed("crop=9", 1), Is.EqualTo(Image), "a cut larger than the image is the image");
    }

    [TestCase("turn", "--augment has 'turn'; expected flip, shift=PIXELS and crop=SIDE")]
    [TestCase("shift=-1", "--augment has 'shift=-1'")]
    [TestCase("crop", "--augment has 'crop'")]
    public void What_is_not_known_is_refused(string changes, string answer) =>
        Assert.That(() => ImageAugmentation.Parse(changes), Throws.TypeOf<OrtPeftException>().With.Message.Contains(answer));

    [Test]
    public void Training_on_changed_images_resumes_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var tuner = Tuner(folder, new BitFitOptions { Pooling = PoolingKind.Cls }, "flip,shift=2,crop=14");
        var undisturbed = Fit(tuner, null, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Assert.That(() => Fit(tuner.SaveIn(folder["run"]), new Reports<TuningProgress>(p =>
        {
            if (p.Training?.Step == 7)
                stop.Cancel();
        }), stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Fit(tuner.SaveIn(folder["run"], resume: true), null, CancellationToken.None).Select(t => t.Values), Is.EqualTo(undisturbed.Select(t => t.Values)));
        Assert.That(Fit(Tuner(folder, new BitFitOptions { Pooling = PoolingKind.Cls }, ""), null, CancellationToken.None).Select(t => t.Values), Is.Not.EqualTo(undisturbed.Select(t => t.Values)));
    }

    [Test]
    public void Cached_features_and_texts_cannot_be_changed()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Fit(Tuner(folder, new LinearProbeOptions(), "flip"), null, CancellationToken.None), Throws.TypeOf<OrtPeftException>().With.Message.Contains("linear-probe reads features that are computed once and cached"));
        Assert.That(() => Fit(Tuner(folder, new BitFitOptions { Layers = 1 }, "flip"), null, CancellationToken.None), Throws.TypeOf<OrtPeftException>().With.Message.Contains("choose a method that trains all layers"));
        var texts = OrtPeft.Tuner.For(Tiny.Backbone()).With(new BitFitOptions()).With(new FeatureOptions { MaxLength = 16 }).With(new TrainingOptions { Augment = "flip" }).CacheIn(folder["features"]);
        Assert.That(() => texts.FitAsync(Tiny.Mails(20)).GetAwaiter().GetResult(), Throws.TypeOf<OrtPeftException>().With.Message.Contains("reads texts"));
    }

    static float[] Changed(string changes, int seed)
    {
        var image = Image;
        ImageAugmentation.Parse(changes)!.Apply(image, Height, Width, new CounterRandom(seed, "test"));
        return image;
    }

    static Tuner Tuner(TemporaryFolder folder, MethodOptions method, string changes) => OrtPeft.Tuner.For(Backbone.Load(Path.Combine(FixtureFiles.Folder, "tiny-vit"))).With(method)
        .With(new TrainingOptions { Epochs = 2, BatchSize = 8, LearningRate = 1e-2, Augment = changes }).With(new ExecutionOptions { Threads = 2 }).CacheIn(folder["features"]);

    static IReadOnlyList<TrainedTensor> Fit(Tuner tuner, IProgress<TuningProgress>? progress, CancellationToken cancellationToken)
    {
        var digits = TextData.Load(Path.Combine(FixtureFiles.Folder, "uci-digits", "digits.csv.gz"), new ColumnNames { White = 16 });
        return tuner.FitAsync(TextData.FromExamples(digits.Take(40)), TextData.FromExamples(digits.Skip(40).Take(20)), progress, cancellationToken).GetAwaiter().GetResult().Adapter.Tensors;
    }
}
