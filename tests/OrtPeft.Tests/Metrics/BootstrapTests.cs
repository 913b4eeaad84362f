namespace OrtPeft.Tests;

sealed class BootstrapTests
{
    [Test]
    public void McNemar_counts_what_only_one_gets_right()
    {
        // 8 against 2 of 10: 2 (1 + 10 + 45) / 1024.
        bool[] a = [.. Enumerable.Repeat(true, 8), .. Enumerable.Repeat(false, 2), true, false];
        bool[] b = [.. Enumerable.Repeat(false, 8), .. Enumerable.Repeat(true, 2), true, false];
        Assert.That(Bootstrap.McNemar(a, b), Is.EqualTo(112.0 / 1024).Within(1e-12));
        Assert.That(Bootstrap.McNemar(a, a), Is.EqualTo(1));
    }

    [Test]
    public void The_interval_of_an_accuracy_is_about_Wilsons()
    {
        var report = Report(right: 80, of: 100);
        var interval = Bootstrap.Intervals(report)["accuracy"];
        var wilson = new Proportion(80, 100);
        Assert.That(interval.Lower, Is.EqualTo(wilson.Lower).Within(0.03));
        Assert.That(interval.Upper, Is.EqualTo(wilson.Upper).Within(0.03));
        Assert.That(Bootstrap.Intervals(report)["accuracy"], Is.EqualTo(interval), "the same seed");
    }

    [Test]
    public void A_small_difference_is_noise_and_a_large_one_is_not()
    {
        var good = Report(right: 90, of: 100);
        var noise = Bootstrap.Compare(good, Report(right: 89, of: 100), "accuracy");
        Assert.That(noise.IsWithinNoise, Is.True);
        Assert.That(noise.Value, Is.EqualTo(0.01).Within(1e-12));
        Assert.That(noise.McNemar, Is.EqualTo(1).Within(1e-12));
        var real = Bootstrap.Compare(good, Report(right: 60, of: 100), "accuracy");
        Assert.That(real.IsWithinNoise, Is.False);
        Assert.That(real.Interval.Lower, Is.GreaterThan(0.15));
        Assert.That(real.McNemar, Is.LessThan(1e-6));
    }

    /// <summary>The first examples are answered right, the others wrong.</summary>
    static EvaluationReport Report(int right, int of)
    {
        var data = TextData.FromExamples(Enumerable.Range(0, of).Select(i => new Example { Id = $"{i}", Text = "", Label = i % 2 == 0 ? "a" : "b" }));
        var task = new ClassificationTask(["a", "b"]);
        var scores = Enumerable.Range(0, of).Select(i => (i % 2 == 0) == (i < right) ? new float[] { 1, 0 } : [0, 1]).ToArray();
        return new EvaluationReport(task, data, task.TargetsOf(data, null!), scores, null!);
    }
}
