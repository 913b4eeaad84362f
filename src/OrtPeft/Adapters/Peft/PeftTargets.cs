namespace OrtPeft;

/// <summary>target_modules: ends of module paths, as short as they can be without meaning a module that is not trained; whole paths where there is no such end.</summary>
static class PeftTargets
{
    /// <param name="chosen">Paths of the modules that are meant.</param>
    /// <param name="others">Paths of all other modules.</param>
    internal static IReadOnlyList<string> Of(IReadOnlyCollection<string> chosen, IReadOnlyCollection<string> others) =>
        [.. chosen.Select(path => Ends(path).FirstOrDefault(end => !others.Any(o => o.EndsWith(end, StringComparison.Ordinal))) ?? path).Distinct()];

    /// <summary>Ends of a path without a layer's number in them, the shortest first.</summary>
    static IEnumerable<string> Ends(string path)
    {
        var parts = path.Split('.');
        for (var start = parts.Length - 1; start >= 0 && !parts[start].All(char.IsAsciiDigit); start--)
            yield return string.Join('.', parts[start..]);
    }
}
