using NUnit.Framework;

namespace OrtPeft.Tests.Metrics;

sealed class ClassificationMetricsTests
{
    static readonly LabelSet Labels = new(["cat", "dog", "fox"]);

    [Test]
    public void All_numbers_of_a_small_evaluation()
    {
        // cat: 4 gold, 3 predicted, 2 right; dog: 3 gold, 5 predicted, 3 right; fox: 3 gold, 2 predicted, 2 right
        var metrics = ClassificationMetrics.From(Labels,
            gold: [0, 0, 0, 0, 1, 1, 1, 2, 2, 2],
            predicted: [0, 0, 1, 1, 1, 1, 1, 2, 2, 0]);

        Assert.That(metrics.Accuracy, Is.EqualTo(new Proportion(7, 10)));
        Assert.That(metrics.PerLabel, Is.EqualTo(new LabelMetrics[]
        {
            new("cat", new(2, 3), new(2, 4), 4.0 / 7, 4),
            new("dog", new(3, 5), new(3, 3), 6.0 / 8, 3),
            new("fox", new(2, 2), new(2, 3), 4.0 / 5, 3),
        }));
        Assert.That(metrics.MacroF1, Is.EqualTo((4.0 / 7 + 0.75 + 0.8) / 3).Within(1e-15));
        Assert.That(metrics.Warning, Is.Null);
        Assert.That(metrics.Confusion[2, 0], Is.EqualTo(1));
    }

    [Test]
    public void A_label_never_predicted_has_no_precision_and_F1_zero()
    {
        var dog = ClassificationMetrics.From(Labels, gold: [0, 1, 2], predicted: [0, 0, 2]).PerLabel[1];

        Assert.That(dog, Is.EqualTo(new LabelMetrics("dog", new(0, 0), new(0, 1), 0, 1)));
        Assert.That((dog.Precision.Lower, dog.Precision.Upper), Is.EqualTo((0.0, 1.0)));
    }

    [Test]
    public void A_label_that_does_not_occur_does_not_lower_the_mean()
    {
        // cat: F1 = 2*1/(1+2), dog: 2*1/(2+1); fox is neither gold nor predicted
        Assert.That(ClassificationMetrics.From(Labels, gold: [0, 1, 1], predicted: [0, 0, 1]).MacroF1, Is.EqualTo(2.0 / 3).Within(1e-15));
        // fox predicted once but never gold: F1 = 0 counts
        Assert.That(ClassificationMetrics.From(Labels, gold: [0, 1], predicted: [0, 2]).MacroF1, Is.EqualTo(1.0 / 3).Within(1e-15));
    }

    [Test]
    public void The_majority_answer_on_the_mail_test_part_has_the_known_macro_F1()
    {
        // 403 ham, 183 spam, always "ham": F1 of ham is 2 * 403 / (403 + 586), of spam 0
        int[] gold = [.. Enumerable.Repeat(0, 403), .. Enumerable.Repeat(1, 183)];
        var metrics = ClassificationMetrics.From(new(["ham", "spam"]), gold, new int[gold.Length]);

        Assert.That(metrics.Accuracy.Value, Is.EqualTo(0.688).Within(0.0005));
        Assert.That(metrics.MacroF1, Is.EqualTo(403.0 / 989).Within(1e-15));
        Assert.That(metrics.Warning, Is.EqualTo("Collapse to one label: all 586 predictions are 'ham', although 2 labels occur in the data. "
            + "Nothing useful was learned; train longer or with another learning rate."));
    }

    [Test]
    public void One_label_in_the_data_is_no_collapse() =>
        Assert.That(ClassificationMetrics.From(Labels, gold: [1, 1], predicted: [1, 1]).Warning, Is.Null);

    [Test]
    public void No_examples_are_refused() =>
        Assert.That(() => ClassificationMetrics.From(Labels, [], []), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void The_table_names_every_metric()
    {
        var matrix = ConfusionMatrix.From(2, gold: [0, 0, 0, 1], predicted: [0, 0, 1, 1]);

        Assert.That(OrtPeft.Metrics.All.Keys, Is.EqualTo(new[] { "accuracy", "macroF1" }));
        Assert.That(OrtPeft.Metrics.Named("accuracy")(matrix), Is.EqualTo(0.75));
        Assert.That(OrtPeft.Metrics.Named("macroF1")(matrix), Is.EqualTo((4.0 / 5 + 2.0 / 3) / 2).Within(1e-15));
        Assert.That(() => OrtPeft.Metrics.Named("f1"),
            Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("There is no metric 'f1'; expected accuracy or macroF1."));
    }
}
