namespace OrtPeft.Tests;

sealed class ScheduleTests
{
    static TrainingOptions Options(string schedule) => new() { LearningRate = 0.1, Schedule = schedule, Warmup = 0.2 };

    // 10 steps, 2 of them warm-up: half the peak, the peak, then down over 8 steps.
    [TestCase("linear", 1, 0.05)]
    [TestCase("linear", 2, 0.1)]
    [TestCase("linear", 3, 0.1)]
    [TestCase("linear", 7, 0.05)]
    [TestCase("linear", 10, 0.0125)]
    [TestCase("cosine", 3, 0.1)]
    [TestCase("cosine", 7, 0.05)]
    [TestCase("constant", 1, 0.05)]
    [TestCase("constant", 10, 0.1)]
    [TestCase("polynomial", 2, 0.1)]
    [TestCase("polynomial", 7, 0.025)]
    [TestCase("one-cycle", 1, 0.004)]
    [TestCase("one-cycle", 2, 0.1)]
    [TestCase("one-cycle", 7, 0.0500002)]
    [TestCase("plateau", 1, 0.05)]
    [TestCase("plateau", 9, 0.1)]
    public void Ten_steps(string schedule, long step, double expected) =>
        Assert.That(Schedules.LearningRate(Options(schedule), step, 10, []), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void Without_warm_up_the_first_step_has_the_peak() =>
        Assert.That(Schedules.LearningRate(Options("linear") with { Warmup = 0 }, 1, 4, []), Is.EqualTo(0.1));

    [TestCase("linear", 6, 0.1)]
    [TestCase("one-cycle", 30, 0.1)]
    [TestCase("one-cycle", 1, 0.004)]
    public void Warm_up_is_the_schedules_own_where_nothing_is_said(string schedule, long step, double expected) =>
        Assert.That(Schedules.LearningRate(Options(schedule) with { Warmup = null }, step, 100, []), Is.EqualTo(expected).Within(1e-12));

    [TestCase(new[] { 0.5, 0.6, 0.7 }, 0.1)]
    [TestCase(new[] { 0.5, 0.5 }, 0.1)]
    [TestCase(new[] { 0.5, 0.5, 0.4 }, 0.05)]
    [TestCase(new[] { 0.5, 0.5, 0.4, 0.6, 0.5 }, 0.05)]
    [TestCase(new[] { 0.5, 0.5, 0.5, 0.5, 0.5 }, 0.025)]
    public void Plateau_halves_when_two_epochs_bring_nothing(double[] devMetrics, double expected) =>
        Assert.That(Schedules.LearningRate(Options("plateau"), 9, 10, devMetrics), Is.EqualTo(expected).Within(1e-12));
}
