using System.Runtime.CompilerServices;

namespace OrtPeft;

/// <summary>
/// A stretch of a data set that is tokenized, sorted and planned as a whole, so that memory does not grow with the data. Where windows end
/// depends on the texts and the options alone.
/// </summary>
sealed record FeatureWindow(IReadOnlyList<Example> Examples, FeatureKey[] Keys)
{
    const int MaxExamples = 2_048;
    const int MaxCharacters = 1 << 20;

    /// <summary>Hash of what it holds.</summary>
    internal string Data { get; } = FeatureKey.HashOf(Keys);

    internal static async IAsyncEnumerable<FeatureWindow> Split(IAsyncEnumerable<Example> source, int maxLength, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var examples = new List<Example>();
        long characters = 0;
        await foreach (var example in source.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            examples.Add(example);
            // What is behind the longest text that can be cut does not count; a token is a few characters.
            characters += Math.Min(example.Text.Length + (example.TextPair?.Length ?? 0), 8L * maxLength);
            if (examples.Count == MaxExamples || characters >= MaxCharacters)
            {
                yield return Of(examples);
                (examples, characters) = ([], 0);
                // What a window leaves is collected before the next is read. Left alone, the collector first lets the heap grow by the size of the
                // processor's cache, whatever the data need. Takes milliseconds.
                GC.Collect();
            }
        }
        if (examples.Count > 0)
            yield return Of(examples);
    }

    static FeatureWindow Of(List<Example> examples) => new(examples, [.. examples.Select(FeatureKey.Of)]);
}
