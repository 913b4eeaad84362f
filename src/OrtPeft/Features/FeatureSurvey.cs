namespace OrtPeft;

/// <summary>What a job over examples in memory finds before it begins.</summary>
/// <param name="Missing">The examples to compute, each text once.</param>
/// <param name="Notices">Sentences for the user.</param>
sealed record FeatureSurvey(IReadOnlyList<Example> Missing, IReadOnlyList<string> Notices)
{
    internal static async Task<FeatureSurvey> OfAsync(FeatureStore store, IReadOnlyList<Example> examples, int maxLength, CancellationToken cancellationToken)
    {
        var (seen, missing) = (new HashSet<FeatureKey>(), new List<Example>());
        var isUnfinished = false;
        await foreach (var window in FeatureWindow.Split(examples.ToAsyncEnumerable(), maxLength, cancellationToken).ConfigureAwait(false))
        {
            var before = missing.Count;
            for (var i = 0; i < window.Keys.Length; i++)
            {
                if (seen.Add(window.Keys[i]) && !store.Holds(window.Keys[i]))
                    missing.Add(window.Examples[i]);
            }
            isUnfinished |= missing.Count > before && store.Knows(window);
        }
        if (missing.Count == 0 || store.IsEmpty)
            return new FeatureSurvey(missing, []);
        return new FeatureSurvey(missing, !isUnfinished
            ? [$"The data differ from what the cache was made for: {missing.Count} of {examples.Count} examples are not in this cache; they are computed and added."]
            : missing.Count < seen.Count ? [$"Going on with an unfinished job: {seen.Count - missing.Count} of {seen.Count} examples were done."] : []);
    }

    internal FeatureEstimate Estimate(Backbone backbone, FeatureOptions options, FeatureFingerprint fingerprint, double? tokensPerSecond) =>
        FeatureEstimate.Of(Missing, backbone, options, fingerprint, tokensPerSecond);
}
