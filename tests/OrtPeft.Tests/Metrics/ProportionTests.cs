using NUnit.Framework;

namespace OrtPeft.Tests.Metrics;

sealed class ProportionTests
{
    // Values of the Wilson interval worked out by hand: 8 of 10: centre (0.8 + 0.19207) / 1.38415, half width 1.95996 sqrt(0.016 + 0.0096036) / 1.38415.
    [TestCase(8, 10, 0.8, 0.490162, 0.943318)]
    [TestCase(0, 10, 0.0, 0.0, 0.277533)]
    [TestCase(10, 10, 1.0, 0.722467, 1.0)]
    [TestCase(50, 100, 0.5, 0.403832, 0.596168)]
    [TestCase(0, 0, 0.0, 0.0, 1.0)]
    public void The_interval_is_Wilsons(int part, int whole, double value, double lower, double upper)
    {
        Proportion proportion = new(part, whole);

        Assert.That(proportion.Value, Is.EqualTo(value));
        Assert.That(proportion.Lower, Is.EqualTo(lower).Within(1e-6));
        Assert.That(proportion.Upper, Is.EqualTo(upper).Within(1e-6));
    }
}
