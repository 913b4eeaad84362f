namespace OrtPeft;

/// <summary>A decoded image: grey levels 0 (black) to 255 (white), plane after plane, each plane row by row.</summary>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Levels">Channels x height x width values.</param>
/// <param name="Whole">Whether levels are whole numbers, as in files; resizing then rounds as 8-bit images are rounded.</param>
sealed record Pixels(int Channels, int Height, int Width, float[] Levels, bool Whole)
{
    internal ReadOnlySpan<float> Plane(int channel) => Levels.AsSpan(channel * Height * Width, Height * Width);

    /// <summary>The same picture with 1 or 3 channels. Grey is ITU-R 601-2 luma in 16-bit fixed point, as Pillow computes it.</summary>
    internal Pixels WithChannels(int channels)
    {
        if (channels == Channels)
            return this;
        var size = Height * Width;
        var levels = new float[channels * size];
        for (var i = 0; i < size; i++)
        {
            if (channels == 3)
            {
                levels[i] = levels[size + i] = levels[2 * size + i] = Levels[i];
                continue;
            }
            var luma = (19595 * (double)Levels[i] + 38470 * (double)Levels[size + i] + 7471 * (double)Levels[2 * size + i]) / 65536;
            levels[i] = (float)(Whole ? Math.Floor(luma + 0.5) : luma);
        }
        return this with { Channels = channels, Levels = levels };
    }
}
