namespace OrtPeft.Tests;

/// <summary>Images are resized as Pillow resizes them.</summary>
sealed class ResamplingTests
{
    static IEnumerable<TestCaseData> Resized() =>
        from image in ImageCases.All.Good
        from resized in image.Resized
        select new TestCaseData(image, resized).SetArgDisplayNames(image.Name, $"{resized.Height}x{resized.Width}", resized.Filter);

    [TestCaseSource(nameof(Resized))]
    public void Every_pixel_is_the_one_that_Pillow_computes(ImageCase image, ResizedCase expected)
    {
        var resized = Resampling.Resize(ImageDecoderTests.Of(image), expected.Height, expected.Width, expected.Filter);
        Assert.That(resized.Levels, Is.EqualTo(ImageDecoderTests.Of(expected.Rgb, expected.Height, expected.Width).Levels));
    }

    [Test]
    public void A_row_of_two_pixels_is_stretched_between_their_centres()
    {
        var row = new Pixels(1, 1, 2, [0, 100], Whole: false);
        Assert.That(Resampling.Resize(row, 1, 4, Resampling.Bilinear).Levels, Is.EqualTo(new[] { 0f, 25, 75, 100 }), "centres lie at -1/4, 1/4, 3/4 and 5/4 of the two");
    }

    [Test]
    public void Reduction_by_two_weighs_four_pixels_so_that_nothing_aliases()
    {
        var row = new Pixels(1, 1, 8, [0, 0, 0, 8, 0, 0, 0, 0], Whole: false);
        // The triangle is 4 pixels wide: weights 1/8, 3/8, 3/8, 1/8; at the borders what remains sums to 1.
        Assert.That(Resampling.Resize(row, 1, 4, Resampling.Bilinear).Levels, Is.EqualTo(new[] { 0f, 3, 1, 0 }));
    }

    [TestCase(Resampling.Bilinear)]
    [TestCase(Resampling.Bicubic)]
    public void An_even_image_stays_even(string filter) =>
        Assert.That(Resampling.Resize(new Pixels(1, 7, 5, [.. Enumerable.Repeat(42f, 35)], Whole: true), 13, 3, filter).Levels, Is.All.EqualTo(42f));
}
