namespace OrtPeft.Tests;

/// <summary>Image files are read as Pillow reads them, or refused with one clear sentence.</summary>
sealed class ImageDecoderTests
{
    static IEnumerable<ImageCase> Good => ImageCases.All.Good;

    [TestCaseSource(nameof(Good))]
    public void An_image_has_the_pixels_that_Pillow_sees(ImageCase image)
    {
        var pixels = ImageSource.FromBytes(image.File).Decode();
        Assert.That((pixels.Channels, pixels.Height, pixels.Width), Is.EqualTo((3, image.Height, image.Width)));
        // JPEG and lossy WebP leave to the decoder how it rounds; all other files have one right answer.
        Assert.That(LargestDifference(pixels, image.Rgb), Is.LessThanOrEqualTo(image.Name is "rgb.jpg" or "rgb.webp" or "grey.jpg" ? 3 : 0));
    }

    [TestCaseSource(nameof(Good))]
    public void Grey_is_the_luma_that_Pillow_computes(ImageCase image)
    {
        var grey = Of(image).WithChannels(1);
        Assert.That(grey.Levels, Is.EqualTo(image.Grey.Select(b => (float)b)));
        Assert.That(grey.WithChannels(3).Plane(2).ToArray(), Is.EqualTo(grey.Levels), "grey has three equal channels");
    }

    [TestCase("empty.png", "is empty.")]
    [TestCase("text.png", "is not an image that can be read; expected PNG, JPEG, BMP, WebP.")]
    [TestCase("moving.gif", "is not an image that can be read")]
    [TestCase("moving.png", "is an animated PNG")]
    [TestCase("moving.webp", "is an animated WebP")]
    [TestCase("cmyk.jpg", "is a CMYK JPEG, which would be misread; expected a still image of 8 bits a channel, RGB or grey.")]
    [TestCase("deep.png", "is a PNG of 16 bits a channel")]
    [TestCase("huge.png", "declares 50000 x 20 pixels; expected at most 20000 a side and 50 million in all.")]
    [TestCase("huge.bmp", "declares 50000 x 20 pixels")]
    [TestCase("huge.jpg", "declares 50000 x 20 pixels")]
    [TestCase("half.png", "is cut off: the end of its PNG data is missing.")]
    [TestCase("half.jpg", "is cut off")]
    [TestCase("half.bmp", "is cut off")]
    [TestCase("half.webp", "is cut off")]
    [TestCase("begin.png", "is cut off")]
    [TestCase("begin.jpg", "is cut off")]
    [TestCase("begin.bmp", "is cut off")]
    [TestCase("begin.webp", "is cut off")]
    [TestCase("damaged.png", "is damaged: ")]
    public void A_bad_file_is_refused_in_a_sentence(string name, string says) =>
        Assert.That(() => ImageSource.FromBytes(ImageCases.All.Bad[name], name).Decode(),
            Throws.TypeOf<BadImageException>().With.Message.StartsWith($"{name} {says}").And.Message.EndsWith(" Mend or replace it, or leave it out with --skip-bad."));

    /// <summary>Whatever the bytes, the answer is an image or that sentence.</summary>
    [TestCaseSource(nameof(Good))]
    public void Damage_anywhere_is_never_more_than_a_bad_image(ImageCase image)
    {
        var random = new CounterRandom(7, image.Name);
        for (var round = 0; round < 200; round++)
        {
            var bytes = image.File[..(round % 3 == 0 ? random.NextInt32(image.File.Length) : image.File.Length)];
            for (var i = 0; i < round % 4 && bytes.Length > 0; i++)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            try
            {
                var pixels = ImageSource.FromBytes(bytes).Decode();
                Assert.That(pixels.Levels, Has.Length.EqualTo(3 * pixels.Height * pixels.Width));
            }
            catch (BadImageException e)
            {
                Assert.That(e.Fault, Does.StartWith("the image "));
            }
        }
    }

    [Test]
    public void The_orientation_that_a_camera_notes_is_applied()
    {
        var image = ImageCases.All.Good.First(c => c.Name == "grey.jpg");
        // APP1: Exif, big-endian TIFF, one entry: orientation (0x0112) 6, a quarter turn to the right.
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        var (upright, turned) = (ImageSource.FromBytes(image.File).Decode(), ImageSource.FromBytes([.. image.File[..2], .. exif, .. image.File[2..]]).Decode());
        Assert.That((turned.Height, turned.Width), Is.EqualTo((upright.Width, upright.Height)));
        Assert.That(turned.Levels[upright.Height - 1], Is.EqualTo(upright.Levels[0]), "what was top left is top right");
    }

    [Test]
    public void A_file_that_changes_while_it_is_used_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.png"], ImageCases.All.Good[0].File);
        var image = ImageSource.FromFile(folder["a.png"]);
        _ = FeatureKey.Of(new Example { Id = "a", Image = image });
        File.WriteAllBytes(folder["a.png"], ImageCases.All.Good.First(c => c.Name == "grey.png").File);
        Assert.That(image.Decode, Throws.TypeOf<BadImageException>().With.Message.Contains("changed while it was being used"));
        File.Delete(folder["a.png"]);
        Assert.That(image.Decode, Throws.TypeOf<BadImageException>().With.Message.Contains("there is no such file"));
    }

    [Test]
    public void The_content_decides_the_key_and_not_the_name()
    {
        var (first, second) = (ImageCases.All.Good[0].File, ImageCases.All.Good[1].File);
        Assert.That(Key(ImageSource.FromBytes(first, "a")), Is.EqualTo(Key(ImageSource.FromBytes(first, "b"))).And.Not.EqualTo(Key(ImageSource.FromBytes(second, "a"))));
        Assert.That(Key(ImageSource.FromPixels([0, 1, 2, 3], 2, 2, white: 4)), Is.EqualTo(Key(ImageSource.FromPixels([0, 2, 4, 6], 2, 2, white: 8))), "the same grey levels");

        static FeatureKey Key(ImageSource image) => FeatureKey.Of(new Example { Id = "", Image = image });
    }

    /// <summary>What Pillow sees in an image.</summary>
    internal static Pixels Of(ImageCase image) => Of(image.Rgb, image.Height, image.Width);

    internal static Pixels Of(byte[] rgb, int height, int width) =>
        new(3, height, width, [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Range(0, height * width).Select(i => (float)rgb[3 * i + c]))], Whole: true);

    static float LargestDifference(Pixels pixels, byte[] rgb) => pixels.Levels.Zip(Of(rgb, pixels.Height, pixels.Width).Levels, (a, b) => Math.Abs(a - b)).Max();
}
