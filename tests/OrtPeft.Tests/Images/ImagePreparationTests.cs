namespace OrtPeft.Tests;

/// <summary>Images are prepared as `preprocessor_config.json` says; what it says and is not known is refused.</summary>
sealed class ImagePreparationTests
{
    [Test]
    public void A_small_image_is_set_into_black_and_normalised()
    {
        var preparation = Read("""{"do_resize": false, "do_center_crop": true, "crop_size": 4, "do_normalize": true, "image_mean": [0.5], "image_std": [0.25]}""");
        Assert.That(Prepare(preparation, [255, 255, 255, 255], 2, 2), Is.EqualTo(new float[] { -2, -2, -2, -2, -2, 2, 2, -2, -2, 2, 2, -2, -2, -2, -2, -2 }));
    }

    [Test]
    public void A_large_image_is_cut_about_its_centre()
    {
        var preparation = Read("""{"do_resize": false, "do_center_crop": true, "crop_size": {"height": 1, "width": 2}, "rescale_factor": 1}""");
        Assert.That(Prepare(preparation, [.. Enumerable.Range(0, 12).Select(i => (float)i)], 3, 4), Is.EqualTo(new[] { 5f, 6 }));
    }

    [Test]
    public void Half_a_pixel_too_many_goes_to_the_top_and_the_left()
    {
        var preparation = Read("""{"do_resize": false, "do_center_crop": true, "crop_size": 2, "rescale_factor": 1}""");
        Assert.That(Prepare(preparation, [7], 1, 1), Is.EqualTo(new float[] { 0, 0, 0, 7 }));
    }

    [Test]
    public void The_shortest_edge_keeps_the_proportions()
    {
        var preparation = Read("""{"size": {"shortest_edge": 2}, "do_center_crop": true, "crop_size": 2, "rescale_factor": 1}""");
        // 4 x 6 becomes 2 x 3; each row of pixels is the same, so only columns are mixed.
        float[] levels = [.. Enumerable.Range(0, 24).Select(i => i % 6 * 10f)];
        var resized = Resampling.Resize(new Pixels(1, 4, 6, levels, Whole: false), 2, 3, Resampling.Bilinear).Levels;
        Assert.That(Prepare(preparation, levels, 4, 6), Is.EqualTo(new[] { resized[0], resized[1], resized[3], resized[4] }).Within(1e-4));
    }

    [TestCase("""{"size": 224}""", "RGB, resize 224x224 bilinear, times 0.00392156862745098, ImageSharp 2.1.13")]
    [TestCase("""{"size": 224, "resample": 3, "do_center_crop": true, "crop_size": 224, "image_mean": 0.5, "image_std": 0.5}""",
        "RGB, resize shortest edge 224 bicubic, crop 224x224, times 0.00392156862745098, mean 0.5 0.5 0.5, deviation 0.5 0.5 0.5, ImageSharp 2.1.13")]
    [TestCase("""{"size": {"height": 8, "width": 9}, "do_rescale": false, "do_normalize": false, "image_mean": [1, 1, 1]}""", "RGB, resize 8x9 bilinear, times 1, ImageSharp 2.1.13")]
    public void A_configuration_says_what_is_done(string json, string expected) => Assert.That(Read(json, channels: 3).ToString(), Is.EqualTo(expected));

    [TestCase("""{"do_pad": true, "size": 8}""", "do_pad in 'FILE' is 'a step that is not known'; expected false; known are do_resize")]
    [TestCase("""{"size": {"longest_edge": 8}}""", "size in 'FILE' is '{\"longest_edge\":8}'; expected {\"height\": H")]
    [TestCase("""{"size": 0}""", "size in 'FILE' is '0'; expected whole numbers from 1 to 4096.")]
    [TestCase("""{"size": 8, "resample": 1}""", "resample in 'FILE' is '1'; expected 2 (bilinear) or 3 (bicubic).")]
    [TestCase("""{"size": 8, "do_normalize": true}""", "image_mean in 'FILE' is 'missing'; expected a number.")]
    [TestCase("""{"size": 8, "image_mean": [0, 0], "image_std": [1, 1]}""", "image_mean in 'FILE' is '[0,0]'; expected 3 numbers")]
    [TestCase("""{"size": 8, "image_mean": 0, "image_std": 0}""", "image_std in 'FILE' is '0'; expected 3 numbers, none of image_std 0")]
    [TestCase("""{"size": 8, "do_resize": "yes"}""", "do_resize in 'FILE' is '\"yes\"'; expected true or false.")]
    [TestCase("""{"size": 8, "crop_pct": 0.9}""", "crop_pct in 'FILE' is 'not known'; expected size and crop_size in pixels.")]
    [TestCase("{", "'FILE' is damaged or of another version")]
    public void A_wrong_configuration_is_refused(string json, string message) =>
        Assert.That(() => Read(json, channels: 3), Throws.TypeOf<OrtPeftException>().With.Message.Contains(message.Replace("FILE", PreprocessorConfig.FileName, StringComparison.Ordinal)));

    static float[] Prepare(ImagePreparation preparation, float[] levels, int height, int width)
    {
        var target = new float[preparation.Count];
        preparation.Prepare(ImageSource.FromPixels(levels, height, width), target);
        return target;
    }

    static ImagePreparation Read(string json, int channels = 1)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[PreprocessorConfig.FileName], json);
        try
        {
            return PreprocessorConfig.Read(folder[PreprocessorConfig.FileName], channels);
        }
        catch (OrtPeftException e)
        {
            throw new OrtPeftException(e.Message.Replace(folder[PreprocessorConfig.FileName], PreprocessorConfig.FileName, StringComparison.Ordinal));
        }
    }
}
