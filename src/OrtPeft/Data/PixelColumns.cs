using System.Globalization;
using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>Columns p0, p1, ... or pixel0, pixel1, ... of a table: the grey levels of a square image, row by row.</summary>
sealed partial class PixelColumns
{
    const int Fewest = 4;

    readonly int[] _columns;
    readonly float _white;

    PixelColumns(int[] columns, float white) => (_columns, _white) = (columns, white);

    int Side => (int)Math.Sqrt(_columns.Length);

    /// <summary>Finds them in a header; null when there are none.</summary>
    /// <exception cref="OrtPeftException">They are no square.</exception>
    internal static PixelColumns? Find(LineReader lines, IReadOnlyList<string> header, double white)
    {
        var columns = Enumerable.Range(0, header.Count).Select(i => (Column: i, Match: Numbered().Match(header[i]))).Where(c => c.Match.Success)
            .OrderBy(c => int.Parse(c.Match.Groups[1].Value, CultureInfo.InvariantCulture)).Select(c => c.Column).ToArray();
        if (columns.Length < Fewest)
            return null;
        var pixels = new PixelColumns(columns, (float)white);
        if (pixels.Side * pixels.Side != columns.Length)
            throw DataError.At(lines.Path, lines.LineNumber, $"{columns.Length} columns of pixels ({DataError.Quote(header[columns[0]])} to {DataError.Quote(header[columns[^1]])}) are no square image; expected 64 for 8 x 8, 784 for 28 x 28.");
        return pixels;
    }

    internal ImageSource Read(LineReader lines, long line, IReadOnlyList<string> header, IReadOnlyList<string> fields)
    {
        var levels = new float[_columns.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            if (!float.TryParse(fields[_columns[i]], NumberStyles.Float, CultureInfo.InvariantCulture, out levels[i]) || !(levels[i] >= 0 && levels[i] <= _white))
            {
                throw DataError.At(lines.Path, line, FormattableString.Invariant(
                    $"the pixel in column {DataError.Quote(header[_columns[i]])} is {DataError.Quote(fields[_columns[i]])}; expected a number from 0 to {_white}, which stands for white (--white says otherwise)."));
            }
        }
        return ImageSource.FromPixels(levels, Side, Side, _white, $"line {line}");
    }

    [GeneratedRegex(@"^(?:p|pixel)_?([0-9]{1,6})$", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}
