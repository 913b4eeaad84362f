using NUnit.Framework;

namespace OrtPeft.Tests.Metrics;

sealed class ConfusionMatrixTests
{
    [Test]
    public void Examples_are_counted_by_gold_and_predicted_label()
    {
        var matrix = ConfusionMatrix.From(3, gold: [0, 0, 1, 2, 2, 2], predicted: [0, 1, 1, 2, 0, 2]);
        matrix.Add(gold: 2, predicted: 0);

        long[] counts = [matrix[0, 0], matrix[0, 1], matrix[0, 2], matrix[1, 0], matrix[1, 1], matrix[1, 2], matrix[2, 0], matrix[2, 1], matrix[2, 2]];
        Assert.That(counts, Is.EqualTo(new long[] { 1, 1, 0, 0, 1, 0, 2, 0, 2 }));
        Assert.That((matrix.Total, matrix.Correct), Is.EqualTo((7L, 4L)));
        Assert.That(Enumerable.Range(0, 3).Select(matrix.GoldCount), Is.EqualTo(new long[] { 2, 1, 4 }));
        Assert.That(Enumerable.Range(0, 3).Select(matrix.PredictedCount), Is.EqualTo(new long[] { 3, 2, 2 }));
    }

    [TestCase(-1, 0)]
    [TestCase(0, 2)]
    public void Indexes_outside_are_refused(int gold, int predicted) =>
        Assert.That(() => new ConfusionMatrix(2).Add(gold, predicted), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Both_lists_must_be_equally_long() =>
        Assert.That(() => ConfusionMatrix.From(2, [0, 1], [0]), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
