using System.Globalization;

namespace OrtPeft;

/// <summary>An option that gives numbers to layers: `LAYER:NUMBER` with commas between.</summary>
static class LayerNumbers
{
    /// <exception cref="OrtPeftException">It is written in another way, or names a layer twice.</exception>
    internal static IReadOnlyDictionary<int, int> Parse(string option, string text)
    {
        var numbers = new Dictionary<int, int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(':') is not [var layer, var number] || !Whole(layer, out var key) || !Whole(number, out var value) || !numbers.TryAdd(key, value))
                throw new OrtPeftException($"{option} is '{text}'; expected each layer once, as in 4:16,5:16.");
        }
        return numbers;
    }

    static bool Whole(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
