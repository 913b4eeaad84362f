using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>
/// A tag for every word. Scores stand at every token, [sequence, tags]; the first token of a word counts, in training and for the answer, the others and
/// the special tokens do not. A word that was cut off is answered O, or not at all where tags do not mark spans.
/// </summary>
sealed record TaggingTask(LabelSet Tags) : LearningTask
{
    internal const string TaskName = "tagging";
    const string Outside = "O";

    readonly bool _marked = TagSpans.AreMarked(Tags);

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => Tags;

    internal override TargetKind Target => TargetKind.TokenClass;

    internal override string SelectBy => "f1";

    internal override string DefaultLoss => CrossEntropyLoss.Name;

    internal static TaggingTask From(TextData data) => new(new LabelSet(new SortedSet<string>(data.SelectMany(e => TagsOf(data, e)), StringComparer.Ordinal)));

    internal override IEnumerable<Example> Texts(Example example) => [WithWords(example)];

    internal override Targets TargetsOf(TextData data, WordPlaces words) => new(Target)
    {
        Classes = [.. data.Select(example => TagsOf(data, example).Select(tag => (long)Tags.IndexOf(data, example, tag)).ToArray())],
        Words = [.. data.AsParallel().AsOrdered().Select(example => words.Of(WithWords(example)))],
    };

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words)
    {
        example = WithWords(example);
        var places = words.Of(example);
        var tagged = new TaggedWord[places.Length];
        for (var word = 0; word < places.Length; word++)
        {
            var best = places[word] < 0 ? null : Prediction.Of(Labels, scores.Slice(places[word] * Tags.Count, Tags.Count));
            tagged[word] = new TaggedWord(example.Tokens![word], best?.Label ?? (_marked ? Outside : ""), best?.Score ?? 0);
        }
        var tags = tagged.Select(t => t.Tag).ToArray();
        return new Prediction(string.Join(' ', tags), tagged.Select(t => t.Score).DefaultIfEmpty().Min(), new Dictionary<string, float>())
        {
            Words = tagged,
            Spans = _marked ? TagSpans.Of(tags) : null,
        };
    }

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        var counts = new SortedDictionary<string, BinaryCounts>(StringComparer.Ordinal);
        long right = 0, words = 0, total = 0;
        foreach (var example in examples ?? [.. Enumerable.Range(0, targets.Count)])
        {
            var places = targets.Words[example];
            string[] gold = [.. targets.Classes[example].Select(c => Tags[(int)c])];
            string[] answers = [.. places.Select(place => place < 0 ? _marked ? Outside : "" : Tags[TensorPrimitives.IndexOfMax<float>(scores[example].AsSpan(place * Tags.Count, Tags.Count))])];
            right += gold.Zip(answers).Count(p => p.First == p.Second);
            words += gold.Length;
            total++;
            var (goldSpans, answerSpans) = (Spans(gold).ToHashSet(), Spans(answers).ToHashSet());
            foreach (var span in goldSpans.Union(answerSpans))
                counts[span.Label] = counts.GetValueOrDefault(span.Label).Add(goldSpans.Contains(span), answerSpans.Contains(span));
        }
        return new TaggingMetrics([.. counts.Keys], [.. counts.Values], new Proportion(right, words), total);
    }

    IEnumerable<TagSpan> Spans(IReadOnlyList<string> tags) => _marked
        ? TagSpans.Of(tags)
        : tags.Select((tag, i) => new TagSpan(tag, i, i + 1)).Where(span => span.Label.Length > 0);

    static Example WithWords(Example example)
    {
        var words = example.Tokens ?? OrtPeft.Words.Of(example.Text);
        return example with { Tokens = words, Text = string.Join(' ', words) };
    }

    static IReadOnlyList<string> TagsOf(TextData data, Example example) => example switch
    {
        { Tokens: { } words, Tags: { } tags } when words.Count == tags.Count => tags,
        { Tokens: { } words, Tags: { } tags } => throw DataError.At(data.Source, example.Line,
            $"example {DataError.Quote(example.Id)} has {words.Count} words and {tags.Count} tags; expected a tag for every word."),
        _ => throw DataError.At(data.Source, example.Line,
            $"example {DataError.Quote(example.Id)} has no tags. Expected a list of words and a list of as many tags (--tokens, --tags)."),
    };
}
