namespace OrtPeft.Tests;

sealed class PoolingTests
{
    [TestCase(FeatureView.Mean, new[] { 3f, 4f })]
    [TestCase(FeatureView.Cls, new[] { 1f, 2f })]
    public void Three_tokens_of_width_two(object view, float[] expected)
    {
        var target = new float[2];
        Pooling.Pool((FeatureView)view, [1, 2, 3, 4, 5, 6], target);
        Assert.That(target, Is.EqualTo(expected));
    }
}
