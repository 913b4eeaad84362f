using System.Globalization;
using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>
/// One of several processes or machines that fill one cache folder without talking to each other: every part makes the same plan and computes
/// every <see cref="Count"/>-th shard of it.
/// </summary>
/// <param name="Number">Which part this is, from 1.</param>
/// <param name="Count">How many there are.</param>
public sealed partial record FeaturePart(int Number, int Count)
{
    /// <summary>Reads "3/8".</summary>
    /// <exception cref="OrtPeftException">It is not of that form, or the number is larger than the count.</exception>
    public static FeaturePart Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split('/') is [var number, var count] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && i >= 1 && i <= n && n <= 100_000)
        {
            return new FeaturePart(i, n);
        }
        throw new OrtPeftException($"--part is '{text}'; expected I/N with 1 <= I <= N, such as 3/8.");
    }

    /// <summary>Whether a shard is this part's.</summary>
    internal bool Owns(int shard) => shard % Count == Number - 1;

    /// <summary>The part's own manifest.</summary>
    internal string FileName => $"cache-part-{Number}-of-{Count}.json";

    internal string LockName => $"cache-part-{Number}-of-{Count}.lock";

    /// <summary>Names of the parts' manifests in a folder.</summary>
    internal static IEnumerable<string> FilesIn(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "cache-part-*.json").Select(Path.GetFileName).OfType<string>().Where(f => Pattern().IsMatch(f)).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^cache-part-\d+-of-\d+\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
