namespace OrtPeft;

/// <summary>What a job whose examples can be read twice finds before it begins.</summary>
/// <param name="Examples">Examples there are.</param>
/// <param name="Missing">Different texts to compute.</param>
/// <param name="Sample">Some of these, evenly spread.</param>
/// <param name="Notices">Sentences for the user.</param>
sealed record FeatureSurvey(int Examples, int Missing, IReadOnlyList<Example> Sample, IReadOnlyList<string> Notices)
{
    const int SampleSize = 256;

    /// <summary>Reads <paramref name="examples"/> once, and fills <paramref name="index"/>.</summary>
    /// <exception cref="OrtPeftException">Two have the same id.</exception>
    internal static async Task<FeatureSurvey> OfAsync(FeatureStore store, IEnumerable<Example> examples, FeatureIndex? index, int maxLength, CancellationToken cancellationToken)
    {
        var (seen, sample) = (new DigestTable(), new EvenSample(SampleSize));
        var (count, missing, isUnfinished) = (0, 0, false);
        await foreach (var window in FeatureWindow.Split(examples.ToAsyncEnumerable(), maxLength, cancellationToken).ConfigureAwait(false))
        {
            var before = missing;
            count += window.Keys.Length;
            for (var i = 0; i < window.Keys.Length; i++)
            {
                if (index?.Set(window.Examples[i].Id, window.Keys[i]) == false)
                    throw TextData.IdUsedTwice(index.Data, examples, window.Examples[i]);
                if (!seen.TryAdd(window.Keys[i].Value, 0) || store.Holds(window.Keys[i]))
                    continue;
                missing++;
                sample.Add(window.Examples[i]);
            }
            isUnfinished |= missing > before && store.Knows(window);
        }
        return new FeatureSurvey(count, missing, sample.Kept, missing == 0 || store.IsEmpty ? []
            : !isUnfinished ? [$"The data differ from what the cache was made for: {missing} of {count} examples are not in this cache; they are computed and added."]
            : missing < seen.Count ? [$"Going on with an unfinished job: {seen.Count - missing} of {seen.Count} examples were done."] : []);
    }

    internal FeatureEstimate Estimate(Backbone backbone, FeatureOptions options, FeatureFingerprint fingerprint, double? tokensPerSecond) =>
        FeatureEstimate.Of(Missing, Sample, backbone, options, fingerprint, tokensPerSecond);
}
