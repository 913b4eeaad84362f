namespace OrtPeft.Tests;

/// <summary>Heads that are computed at once, against results worked out by hand or by another formula.</summary>
sealed class ClosedFormTests
{
    static readonly LearningTask TwoLabels = new ClassificationTask(["a", "b"]);

    [Test]
    public void Ridge_solves_the_normal_equations()
    {
        // One feature: x = 0, 1, 2 with y = 1, 2, 6: covariance 5, variance 2. Slope 5 / (2 + lambda), through the means (1, 3).
        var solution = Solve(new RidgeOptions { Regularization = 0.5 }, new RegressionTask(0, 1), [0, 1, 2], 1, new(TargetKind.Values) { Values = [[1], [2], [6]] });
        Assert.That(solution.Tensors[0].Values[0], Is.EqualTo(2).Within(1e-6));
        Assert.That(solution.Tensors[1].Values[0], Is.EqualTo(1).Within(1e-6));
    }

    [Test]
    public void A_weight_of_two_is_the_example_twice()
    {
        float[] twice = [0, 1, 1, 2, 5];
        var weighted = Solve(new RidgeOptions { Regularization = 1 }, new RegressionTask(0, 1), [0, 1, 2, 5], 1,
            new(TargetKind.Values) { Values = [[1], [2], [6], [4]], ExampleWeights = [1, 2, 1, 1] });
        var repeated = Solve(new RidgeOptions { Regularization = 1 }, new RegressionTask(0, 1), twice, 1, new(TargetKind.Values) { Values = [[1], [2], [2], [6], [4]] });
        AssertEqual(weighted, repeated);

        int[] labels = [0, 1, 1, 0, 1];
        AssertEqual(
            Solve(new LogisticRegressionOptions { C = 1 }, TwoLabels, [0, 1, 2, 5], 1, Targets.Of([0, 1, 0, 1]) with { ExampleWeights = [1, 2, 1, 1] }),
            Solve(new LogisticRegressionOptions { C = 1 }, TwoLabels, twice, 1, Targets.Of(labels)), 1e-4);
        AssertEqual(
            Solve(new LdaOptions { Shrinkage = 0.1 }, TwoLabels, [0, 1, 2, 5], 1, Targets.Of([0, 1, 0, 1]) with { ExampleWeights = [1, 2, 1, 1] }),
            Solve(new LdaOptions { Shrinkage = 0.1 }, TwoLabels, twice, 1, Targets.Of(labels)));
    }

    [Test]
    public void Lda_gives_the_posterior_of_two_normal_distributions()
    {
        // Label a: -1, 1 (mean 0), label b: 3, 5, 4, 4 (mean 4). Within variance (2 + 2) / 6 = 2/3.
        var solution = Solve(new LdaOptions { Shrinkage = 1e-12 }, TwoLabels, [-1, 1, 3, 5, 4, 4], 1, Targets.Of([0, 0, 1, 1, 1, 1]));
        foreach (var x in new[] { -2.0, 1.7, 2, 6 })
        {
            var density = new[] { Math.Exp(-x * x / (2 * 2.0 / 3)) * 2, Math.Exp(-(x - 4) * (x - 4) / (2 * 2.0 / 3)) * 4 };
            var scores = Scores(solution, x);
            Assert.That(scores[1] - scores[0], Is.EqualTo(Math.Log(density[1] / density[0])).Within(1e-4), $"log odds at {x}");
        }
    }

    [Test]
    public void Class_means_of_two_features_and_their_distances()
    {
        float[] features = [0, 0, 2, 0, 0, 6, 0, 8]; // a: mean (1, 0), b: mean (0, 7)
        var solution = Solve(new NearestMeanOptions { Distance = MeanDistance.Euclidean }, TwoLabels, features, 2, Targets.Of([0, 0, 1, 1]));
        var (weight, bias) = (solution.Tensors[0].Values, solution.Tensors[1].Values);
        var scale = weight[0];
        Assert.That(weight.Select(v => v / scale), Is.EqualTo(new[] { 1f, 0, 0, 7 }).Within(1e-5));
        Assert.That(bias.Select(v => v / scale), Is.EqualTo(new[] { -0.5f, -24.5f }).Within(1e-5));

        var cosine = Solve(new NearestMeanOptions(), TwoLabels, [3, 4, 4, 3, -1, 0, -2, 0], 2, Targets.Of([0, 0, 1, 1]));
        Assert.That(cosine.Tensors[0].Values[0] / cosine.Tensors[0].Values[1], Is.EqualTo(1).Within(1e-5), "the mean of (0.6, 0.8) and (0.8, 0.6) points along the diagonal");
        Assert.That(cosine.Tensors[0].Values[2..].Select(v => v / -cosine.Tensors[0].Values[2]), Is.EqualTo(new[] { -1f, 0 }).Within(1e-5));
    }

    [Test]
    public void Temperature_makes_probabilities_as_sure_as_they_are_right()
    {
        // Scores +-1 of one feature, right in 3 of 4 cases: the best factor f has sigmoid(2 f) = 3/4.
        var linear = new Solution("", [new TrainedTensor("classifier.weight", [2, 1], [-1, 1]), new TrainedTensor("classifier.bias", [2], [0, 0])]);
        var fitted = Temperature.Fit(linear, Input([1, 1, 1, 1], 1, Targets.Of([1, 1, 1, 0])));
        Assert.That(fitted.Tensors[0].Values[1], Is.EqualTo(Math.Log(3) / 2).Within(1e-4));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Logistic_regression_ends_where_the_gradient_is_zero(bool severalLabels)
    {
        const int count = 60, width = 5;
        var random = new CounterRandom(1, "x");
        float[] features = [.. Enumerable.Range(0, count * width).Select(_ => (float)random.NextNormal())];
        LearningTask task = severalLabels ? new MultiLabelTask(new(["a", "b", "c"])) : new ClassificationTask(["a", "b", "c"]);
        var targets = severalLabels
            ? new Targets(TargetKind.Values) { Values = [.. Enumerable.Range(0, count).Select(i => new float[] { i % 2, i % 3 == 0 ? 1 : 0, i % 5 == 0 ? 1 : 0 })] }
            : Targets.Of(Enumerable.Range(0, count).Select(i => (i + (features[i * width] > 0 ? 1 : 0)) % 3));
        var input = Input(features, width, targets);
        var solution = Solve(new LogisticRegressionOptions { C = 10 }, task, features, width, targets);
        var point = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.DenseOfEnumerable(solution.Tensors.SelectMany(t => t.Values).Select(v => (double)v));
        var objective = new LogisticObjective(task, input);
        var (value, gradient) = objective.Evaluate(point, 10);
        Assert.That(gradient.AbsoluteMaximum(), Is.LessThan(2e-4));

        // And the gradient is the one of the value.
        for (var i = 0; i < point.Count; i += 4)
        {
            var moved = point.Clone();
            moved[i] += 1e-3;
            var (above, _) = objective.Evaluate(moved, 10);
            moved[i] -= 2e-3;
            var (below, _) = objective.Evaluate(moved, 10);
            Assert.That(gradient[i], Is.EqualTo((above - below) / 2e-3).Within(1e-6), $"parameter {i}");
            Assert.That(Math.Min(above, below), Is.GreaterThan(value - 1e-6));
        }
    }

    [Test]
    public void Threads_do_not_change_a_bit()
    {
        var random = new CounterRandom(1, "x");
        float[] features = [.. Enumerable.Range(0, 3000 * 4).Select(_ => (float)random.NextNormal())];
        var targets = Targets.Of(Enumerable.Range(0, 3000).Select(i => features[4 * i] + features[4 * i + 1] > 0 ? 1 : 0));
        foreach (ClosedFormOptions options in new ClosedFormOptions[] { new RidgeOptions { Regularization = 1 }, new LdaOptions { Shrinkage = 0.1 }, new LogisticRegressionOptions { C = 1 }, new NearestMeanOptions() })
        {
            var (one, three) = (Solve(options, TwoLabels, features, 4, targets, threads: 1), Solve(options, TwoLabels, features, 4, targets, threads: 3));
            Assert.That(three.Tensors.Select(t => t.Values), Is.EqualTo(one.Tensors.Select(t => t.Values)), options.Method);
        }
    }

    [Test]
    public void What_is_not_for_a_task_is_refused()
    {
        Assert.That(() => new LdaOptions().Apply(Tiny.Backbone(), new RegressionTask(0, 1), 0),
            Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("lda is not for the task regression. Choose another method, such as linear-probe."));
        Assert.That(() => new RidgeOptions { Pooling = PoolingKind.Attention }.Apply(Tiny.Backbone(), TwoLabels, 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains("expected pooling=mean, cls or max"));
        Assert.That(() => new RidgeOptions { Regularization = -1 }.Apply(Tiny.Backbone(), TwoLabels, 0), Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("Ridge: regularization is -1; expected 0 to 1000000000000."));
    }

    static SolverInput Input(float[] features, int width, Targets targets, int threads = 2) => new(features, width, targets, threads, CancellationToken.None);

    static Solution Solve(ClosedFormOptions options, LearningTask task, float[] features, int width, Targets targets, int threads = 2) =>
        options.Apply(Tiny.Backbone(), task, 0).Solve!(Input(features, width, targets, threads)).Single();

    static double[] Scores(Solution solution, double x) => [.. solution.Tensors[0].Values.Zip(solution.Tensors[1].Values, (w, b) => w * x + b)];

    static void AssertEqual(Solution a, Solution b, double within = 1e-6) =>
        Assert.That(a.Tensors.SelectMany(t => t.Values), Is.EqualTo(b.Tensors.SelectMany(t => t.Values)).Within(within));
}
