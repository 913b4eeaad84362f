using System.Globalization;

namespace OrtPeft;

/// <summary>
/// Random changes of prepared images, others in each epoch: mirrored, shifted, cut out and stretched to the old size. What a shift uncovers repeats the edge.
/// Draws depend on seed, epoch and example alone.
/// </summary>
/// <param name="Flip">Whether every second image is mirrored, left to right.</param>
/// <param name="Shift">Pixels that an image is shifted by at most, in each direction.</param>
/// <param name="Crop">Side of the part that is cut out; 0 takes all.</param>
sealed record ImageAugmentation(bool Flip, int Shift, int Crop)
{
    /// <summary>Reads "flip,shift=2,crop=24"; null for nothing.</summary>
    /// <exception cref="OrtPeftException">It is something else.</exception>
    internal static ImageAugmentation? Parse(string text)
    {
        var augmentation = new ImageAugmentation(false, 0, 0);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            augmentation = part.Split('=') switch
            {
                ["flip"] => augmentation with { Flip = true },
                ["shift", var pixels] when Number(pixels) is { } n => augmentation with { Shift = n },
                ["crop", var side] when Number(side) is { } n => augmentation with { Crop = n },
                _ => throw new OrtPeftException($"--augment has '{part}'; expected flip, shift=PIXELS and crop=SIDE with commas between, such as flip,shift=2,crop=24."),
            };
        }
        return augmentation == new ImageAugmentation(false, 0, 0) ? null : augmentation;

        static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 1 << 14 ? n : null;
    }

    /// <summary>Changes an image [channels, height, width] in place.</summary>
    internal void Apply(Span<float> image, int height, int width, CounterRandom random)
    {
        var mirrored = Flip && random.NextInt32(2) == 1;
        var (down, right) = (Within(random), Within(random));
        var (rows, columns) = Crop == 0 ? (height, width) : (Math.Min(Crop, height), Math.Min(Crop, width));
        var (top, left) = (random.NextInt32(height - rows + 1), random.NextInt32(width - columns + 1));
        var source = image.ToArray();
        for (var i = 0; i < image.Length; i++)
        {
            var (plane, y, x) = (i / (height * width) * height * width, i / width % height, i % width);
            var row = (y + 0.5) * rows / height - 0.5 + top - down;
            var column = ((mirrored ? width - 1 - x : x) + 0.5) * columns / width - 0.5 + left - right;
            image[i] = Between(source.AsSpan(plane, height * width), height, width, row, column);
        }
    }

    int Within(CounterRandom random) => Shift == 0 ? 0 : random.NextInt32(2 * Shift + 1) - Shift;

    /// <summary>Bilinear between pixels, the edge repeated.</summary>
    static float Between(ReadOnlySpan<float> plane, int height, int width, double row, double column)
    {
        var (y, x) = (Math.Clamp(row, 0, height - 1), Math.Clamp(column, 0, width - 1));
        var (top, left) = ((int)y, (int)x);
        var (bottom, right) = (Math.Min(top + 1, height - 1), Math.Min(left + 1, width - 1));
        var (down, across) = (y - top, x - left);
        return (float)((1 - down) * ((1 - across) * plane[top * width + left] + across * plane[top * width + right])
            + down * ((1 - across) * plane[bottom * width + left] + across * plane[bottom * width + right]));
    }
}
