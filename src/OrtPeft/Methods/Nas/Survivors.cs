namespace OrtPeft;

/// <summary>Which units are trained: all of them in a search, what was kept afterwards.</summary>
sealed class Survivors(Finding? found)
{
    const string Suffix = ".kept";

    /// <summary>Whether nothing was pruned.</summary>
    internal bool AreAll { get; } = found is null || !found.Places.Any(p => p.Name.EndsWith(Suffix, StringComparison.Ordinal));

    /// <summary>What was kept of a part.</summary>
    internal static PlaceSet Kept(string part, IEnumerable<int> units) => new(part + Suffix, [.. units.Order().Select(u => (long)u)]);

    /// <summary>What was kept, as a finding has it; empty for the whole space.</summary>
    internal IEnumerable<PlaceSet> Places => AreAll ? [] : found!.Places.Where(p => p.Name.EndsWith(Suffix, StringComparison.Ordinal));

    /// <summary>The numbers of a part's units that are trained, ascending.</summary>
    /// <param name="part">Its name.</param>
    /// <param name="units">How many it has in the whole space.</param>
    /// <exception cref="OrtPeftException">The file they were read from is damaged.</exception>
    internal int[] Of(string part, int units) => AreAll ? [.. Enumerable.Range(0, units)] : Has(part) ? found!.PlacesOf(part + Suffix, units) : [];

    /// <summary>The same where it is known how many are left.</summary>
    internal int[] Left(string part, int count) => AreAll ? [.. Enumerable.Range(0, count)] : found!.PlacesOf(part + Suffix, int.MaxValue, count);

    bool Has(string part) => found!.Places.Any(p => p.Name == part + Suffix);
}
