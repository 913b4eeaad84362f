using System.Globalization;

namespace OrtPeft;

/// <summary>How many trained values an architecture search keeps: a number such as "2000", or a share of the backbone's parameters such as "0.05%".</summary>
static class ParameterBudget
{
    /// <exception cref="OrtPeftException">It is neither.</exception>
    internal static long Parse(string text, long backboneParameters)
    {
        var share = text.EndsWith('%');
        if (!double.TryParse(share ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number > 0 && number < 1e15) || (!share && number % 1 != 0))
            throw new OrtPeftException($"budget is '{text}'; expected a number of parameters such as 2000, or a share of the backbone's such as 0.05%.");
        return (long)(share ? number / 100 * backboneParameters : number);
    }
}
