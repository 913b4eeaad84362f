using System.Globalization;

namespace OrtPeft;

/// <summary>What an example counts, as a data file writes it.</summary>
static class ExampleWeight
{
    internal static double Parse(LineReader lines, long line, string column, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && weight >= 0 && double.IsFinite(weight)
            ? weight
            : throw DataError.At(lines.Path, line, $"the weight in column {DataError.Quote(column)} is {DataError.Quote(text)}; expected a number of at least 0, such as 0.5.");
}
