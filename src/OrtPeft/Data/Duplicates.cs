namespace OrtPeft;

/// <summary>Texts or images that are in two parts of the data: what was trained on says nothing about what was learned.</summary>
static class Duplicates
{
    const int Named = 3;

    /// <summary>A sentence that counts and names the examples of <paramref name="other"/> that are also trained on; null when there are none.</summary>
    internal static string? Describe(IEnumerable<Example> train, IEnumerable<Example> other, string part)
    {
        var known = new Dictionary<FeatureKey, string>();
        foreach (var example in train)
            known.TryAdd(FeatureKey.Of(example), example.Id);
        var (count, total, pairs) = (0, 0, new List<string>());
        foreach (var example in other)
        {
            total++;
            if (!known.TryGetValue(FeatureKey.Of(example), out var twin))
                continue;
            count++;
            if (pairs.Count < Named)
                pairs.Add($"{DataError.Quote(example.Id)} (trained on as {DataError.Quote(twin)})");
        }
        return count == 0 ? null
            : $"{count} of {total} {part} examples {(count == 1 ? "is" : "are")} also in the training data, so the {part} result is too good: {string.Join(", ", pairs)}{(count > Named ? $" and {count - Named} more" : "")}.";
    }
}
