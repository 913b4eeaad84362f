namespace OrtPeft.Tests;

/// <summary>Metrics of the tasks besides single labels, against values worked out by hand.</summary>
sealed class TaskMetricsTests
{
    [Test]
    public void Regression()
    {
        // Errors 1, 0, -1, 2: mean absolute 1, squares 6; gold varies by 5 around 2.5.
        var metrics = new RegressionMetrics([1, 2, 3, 4], [2, 2, 2, 6]);
        Assert.That(metrics.MeanAbsoluteError, Is.EqualTo(1));
        Assert.That(metrics.RootMeanSquaredError, Is.EqualTo(Math.Sqrt(1.5)).Within(1e-12));
        Assert.That(metrics.R2, Is.EqualTo(1 - 6.0 / 5).Within(1e-12));
        Assert.That(metrics.Pearson, Is.EqualTo(6 / Math.Sqrt(5 * 12)).Within(1e-12));
        // Ranks of the answers 2, 2, 2, 4 against 1, 2, 3, 4: covariance 3, variances 5 and 3.
        Assert.That(metrics.Spearman, Is.EqualTo(3 / Math.Sqrt(15)).Within(1e-12));
        Assert.That(new RegressionMetrics([1, 2], [3, 3]).Warning, Does.StartWith("All answers are the same number."));
        Assert.That(new RegressionMetrics([1, 2], [3, 3]).Pearson, Is.Zero);
    }

    [Test]
    public void Levels()
    {
        // Three levels; right 3 of 6, two off by one, one off by two.
        var confusion = ConfusionMatrix.From(3, gold: [0, 0, 1, 1, 2, 2], predicted: [0, 1, 1, 2, 2, 0]);
        var metrics = new OrdinalMetrics(new(["low", "mid", "high"]), confusion);
        Assert.That(metrics.MeanDistance, Is.EqualTo(4.0 / 6).Within(1e-12));
        // Squares 6; by chance, 2 of each in both: (4 pairs off by one x 1 + 2 x 4) x 2 x 2 / 6 = 8.
        Assert.That(metrics.Kappa, Is.EqualTo(1 - 6.0 / 8).Within(1e-12));
        Assert.That(metrics.Values.Keys, Is.EqualTo(new[] { "accuracy", "macroF1", "kappa", "mae" }));
    }

    [Test]
    public void Several_labels()
    {
        var task = new MultiLabelTask(new(["a", "b"]));
        var targets = new Targets(TargetKind.Values) { Values = [[1, 0], [1, 1], [0, 0], [0, 1]] };
        // a: given for 1, 2 (both right); b: given for 1 (wrong) and 4 (right), missed for 2.
        float[][] scores = [[1, 2], [3, -1], [-1, -2], [-1, 1]];
        var metrics = (MultiLabelMetrics)task.Measure(targets, scores);
        Assert.That(metrics.PerLabel, Is.EqualTo(new LabelMetrics[] { new("a", new(2, 2), new(2, 2), 1, 2), new("b", new(1, 2), new(1, 2), 0.5, 2) }));
        Assert.That(metrics.MicroF1, Is.EqualTo(2.0 * 3 / (2 * 3 + 1 + 1)));
        Assert.That(metrics.MacroF1, Is.EqualTo(0.75));
        Assert.That(metrics.Exact, Is.EqualTo(new Proportion(2, 4)));

        // With thresholds for b between the scores of 4 and the rest: sigmoid(1) = 0.731, sigmoid(-1) = 0.269.
        var tuned = (MultiLabelTask)task.Tuned(targets, scores);
        Assert.That(tuned.Thresholds[0], Is.EqualTo(0.5).Within(1e-6), "halfway between -1 and 1");
        Assert.That(task.Answer(new Example { Id = "", Text = "" }, [3, -3], null!).Labels, Is.EqualTo(new[] { "a" }));
        Assert.That(task.Answer(new Example { Id = "", Text = "" }, [-3, -3], null!).Label, Is.Empty);
    }

    [Test]
    public void A_threshold_is_chosen_for_the_best_F1()
    {
        // Given down to 0.3: 3 of 4 right, none missed, F1 6/7; down to 0.9: 1 of 3 found, F1 1/2.
        Assert.That(ThresholdChoice.Best([(0.9, true), (0.6, false), (0.4, true), (0.3, true), (0.1, false)]), Is.EqualTo(0.2).Within(1e-12));
        Assert.That(ThresholdChoice.Best([(0.9, true), (0.7, false)]), Is.EqualTo(0.8).Within(1e-12), "the middle between the scores");
        Assert.That(ThresholdChoice.Best([(0.9, true), (0.2, false)]), Is.EqualTo(0.5), "1/2 where nothing is better");
        Assert.That(ThresholdChoice.Best([(0.9, false), (0.2, false)]), Is.EqualTo(0.5), "a label that never occurs keeps 1/2");
    }

    // What conlleval.pl counts as spans.
    [TestCase("B-PER I-PER O B-LOC", "PER 0-2, LOC 3-4")]
    [TestCase("I-PER I-PER O I-LOC", "PER 0-2, LOC 3-4", TestName = "IOB1")]
    [TestCase("B-PER B-PER I-LOC", "PER 0-1, PER 1-2, LOC 2-3", TestName = "another kind begins a span")]
    [TestCase("S-PER B-LOC I-LOC E-LOC S-LOC", "PER 0-1, LOC 1-4, LOC 4-5", TestName = "BIOES")]
    [TestCase("E-LOC E-LOC I-PER", "LOC 0-1, LOC 1-2, PER 2-3", TestName = "wrong sequences are forgiven")]
    [TestCase("O O", "")]
    public void Spans(string tags, string spans) =>
        Assert.That(string.Join(", ", TagSpans.Of(tags.Split(' ')).Select(s => $"{s.Label} {s.Start}-{s.End}")), Is.EqualTo(spans));

    [TestCase("B-PER I-PER O B-LOC", false, -1)]
    [TestCase("O I-PER", false, 1)]
    [TestCase("B-PER I-LOC", false, 1)]
    [TestCase("B-PER E-PER S-LOC", true, -1)]
    [TestCase("B-PER O", true, 1)]
    [TestCase("S-PER E-PER", true, 1)]
    public void Broken_rules_of_tags_are_found(string tags, bool bioes, int word) =>
        Assert.That(TagSpans.FirstFault(tags.Split(' '), bioes)?.Word ?? -1, Is.EqualTo(word));

    [Test]
    public void Tags_are_measured_by_whole_spans_and_cut_off_words_are_O()
    {
        var task = new TaggingTask(new(["B-X", "I-X", "O"]));
        // Words at tokens 1, 2 and cut off; then at 1 and 2.
        var targets = new Targets(TargetKind.TokenClass) { Classes = [[0, 1, 0], [2, 0]], Words = [[1, 2, -1], [1, 2]] };
        float[][] scores = [[0, 0, 0, 5, 0, 0, 0, 5, 0], [0, 0, 0, 5, 0, 0, 5, 0, 0]];
        var metrics = (TaggingMetrics)task.Measure(targets, scores);
        // Found: X 0-2 in the first; missed: X 2-3. In the second "B-X B-X" for "O B-X": X 1-2 is right, X 0-1 is not.
        Assert.That(metrics.PerLabel.Single(), Is.EqualTo(new LabelMetrics("X", new(2, 3), new(2, 3), 2.0 / 3, 3)));
        Assert.That(metrics.Words, Is.EqualTo(new Proportion(3, 5)));
    }

    [Test]
    public void Tags_without_marks_count_word_by_word()
    {
        var task = new TaggingTask(new(["NOUN", "VERB"]));
        var metrics = (TaggingMetrics)task.Measure(new(TargetKind.TokenClass) { Classes = [[0, 1, 1]], Words = [[0, 1, 2]] }, [[1, 0, 1, 0, 0, 1]]);
        Assert.That(metrics.MicroF1, Is.EqualTo(2.0 / 3).Within(1e-12));
        Assert.That(metrics.PerLabel.Select(l => l.F1), Is.EqualTo(new[] { 2.0 / 3, 2.0 / 3 }).Within(1e-12));
    }
}
