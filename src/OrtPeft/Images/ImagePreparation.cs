using System.Globalization;

namespace OrtPeft;

/// <summary>
/// How an image becomes the input of a vision backbone, as `preprocessor_config.json` says: resize, crop about the centre, rescale, normalise.
/// </summary>
sealed record ImagePreparation
{
    /// <summary>1 (grey) or 3 (RGB).</summary>
    internal required int Channels { get; init; }

    /// <summary>Rows and columns after resizing; null does not resize to a fixed size.</summary>
    internal (int Height, int Width)? Size { get; init; }

    /// <summary>Length of the shorter side after resizing, the other in proportion; null does not.</summary>
    internal int? ShortestEdge { get; init; }

    /// <summary>Filter of the resizing: bilinear or bicubic, as Pillow computes them.</summary>
    internal string Filter { get; init; } = Resampling.Bilinear;

    /// <summary>Rows and columns cut out about the centre, black where the image is smaller; null cuts nothing.</summary>
    internal (int Height, int Width)? Crop { get; init; }

    /// <summary>What grey levels of 0 to 255 are multiplied with.</summary>
    internal double Rescale { get; init; } = 1.0 / 255;

    /// <summary>Subtracted from each channel after rescaling.</summary>
    internal IReadOnlyList<double> Mean { get; init; } = [];

    /// <summary>What each channel is divided by after that.</summary>
    internal IReadOnlyList<double> Deviation { get; init; } = [];

    /// <summary>Rows and columns of every prepared image.</summary>
    internal (int Height, int Width) Result => Crop ?? Size ?? throw new OrtPeftException(
        "The image preparation gives images of different sizes; a model takes one. preprocessor_config.json needs size with height and width, or do_center_crop with crop_size.");

    /// <summary>Values of a prepared image.</summary>
    internal int Count => Channels * Result.Height * Result.Width;

    /// <summary>Everything that decides a prepared value, in words: part of the fingerprint of caches and adapters.</summary>
    public override string ToString()
    {
        string?[] steps =
        [
            Channels == 1 ? "grey" : "RGB",
            Size is { } size ? $"resize {size.Height}x{size.Width} {Filter}" : ShortestEdge is { } edge ? $"resize shortest edge {edge} {Filter}" : null,
            Crop is { } crop ? $"crop {crop.Height}x{crop.Width}" : null,
            $"times {Number(Rescale)}",
            Mean.Count > 0 ? $"mean {string.Join(' ', Mean.Select(Number))}, deviation {string.Join(' ', Deviation.Select(Number))}" : null,
            ImageDecoder.Name,
        ];
        return string.Join(", ", steps.OfType<string>());

        static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes the prepared image into <paramref name="target"/>: [channels, height, width].</summary>
    /// <exception cref="BadImageException">The image cannot be decoded.</exception>
    internal void Prepare(ImageSource source, Span<float> target)
    {
        var image = source.Decode().WithChannels(Channels);
        var (height, width) = SizeOf(image);
        if ((height, width) != (image.Height, image.Width))
            image = Resampling.Resize(image, height, width, Filter);
        var (rows, columns) = Result;
        // Half a pixel too many goes to the top and the left, as in the image processors of Hugging Face.
        var (top, left) = ((image.Height - rows) >> 1, (image.Width - columns) >> 1);
        for (var channel = 0; channel < Channels; channel++)
        {
            var plane = image.Plane(channel);
            var (mean, deviation) = Mean.Count > 0 ? (Mean[channel], Deviation[channel]) : (0, 1);
            for (var y = 0; y < rows; y++)
            {
                for (var x = 0; x < columns; x++)
                {
                    var (row, column) = (y + top, x + left);
                    var level = row >= 0 && row < image.Height && column >= 0 && column < image.Width ? plane[row * image.Width + column] : 0;
                    target[(channel * rows + y) * columns + x] = (float)((level * Rescale - mean) / deviation);
                }
            }
        }
    }

    (int Height, int Width) SizeOf(Pixels image)
    {
        if (ShortestEdge is not { } edge)
            return Size ?? (image.Height, image.Width);
        return image.Width <= image.Height
            ? ((int)((long)edge * image.Height / image.Width), edge)
            : (edge, (int)((long)edge * image.Width / image.Height));
    }
}
