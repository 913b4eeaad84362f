namespace OrtPeft.Tests;

/// <summary>Data sets of every task over the words of the tiny tokenizer, that a child could learn.</summary>
static class TinyTasks
{
    static readonly string[] Spam = ["free", "prize", "win", "money", "cash", "click", "offer"];
    static readonly string[] Ham = ["meeting", "report", "thursday", "room", "draft", "patch", "parser"];
    static readonly string[] Common = ["the", "you", "a", "is", "to", "and", "of", "in"];

    /// <summary>Labels "spammy", "hammy" and "long", each where words or length say so; some texts have none.</summary>
    internal static TextData MultiLabel(int count, int seed) => Make(count, seed, "multi", (random, i) =>
    {
        var words = Words(random, 10, i % 3 == 0 ? [.. Spam, .. Common] : i % 3 == 1 ? [.. Ham, .. Common] : [.. Spam, .. Ham, .. Common]);
        List<string> labels = [];
        if (words.Count(Spam.Contains) >= 2)
            labels.Add("spammy");
        if (words.Count(Ham.Contains) >= 2)
            labels.Add("hammy");
        if (words.Length > 6)
            labels.Add("long");
        return new Example { Id = "", Text = string.Join(' ', words), Labels = labels };
    });

    /// <summary>The share of spam words, from 0 to 10 in tenths.</summary>
    internal static TextData Numbers(int count, int seed) => Make(count, seed, "numbers", (random, i) =>
    {
        var words = Words(random, 8, i % 2 == 0 ? [.. Spam, .. Spam, .. Ham] : [.. Spam, .. Ham, .. Ham]);
        return new Example { Id = "", Text = string.Join(' ', words), Label = FormattableString.Invariant($"{10.0 * words.Count(Spam.Contains) / words.Length:F1}") };
    });

    /// <summary>The same in four levels, 1 to 4.</summary>
    internal static TextData Levels(int count, int seed) =>
        TextData.FromExamples(Numbers(count, seed).Select(e => e with { Label = $"{Math.Min(4, 1 + (int)(double.Parse(e.Label!, System.Globalization.CultureInfo.InvariantCulture) / 2.6))}" }));

    /// <summary>Spam words are tagged THING, ham words WORK, in BIO; neighbours of one kind are one span.</summary>
    internal static TextData Tags(int count, int seed) => Make(count, seed, "tags", (random, _) =>
    {
        var words = Words(random, 9, [.. Spam, .. Ham, .. Common, .. Common]);
        var kinds = words.Select(w => Spam.Contains(w) ? "THING" : Ham.Contains(w) ? "WORK" : "").ToArray();
        string[] tags = [.. kinds.Select((kind, i) => kind.Length == 0 ? "O" : i > 0 && kinds[i - 1] == kind ? $"I-{kind}" : $"B-{kind}")];
        return new Example { Id = "", Text = string.Join(' ', words), Tokens = words, Tags = tags };
    });

    /// <summary>Two texts; 1 when both are of spam words or both of ham words, else 0.</summary>
    internal static TextData Pairs(int count, int seed) => Make(count, seed, "pairs", (random, i) =>
    {
        var (first, second) = (i % 2 == 0, i / 2 % 2 == 0);
        return new Example
        {
            Id = "",
            Text = string.Join(' ', Words(random, 5, first ? Spam : Ham)),
            TextPair = string.Join(' ', Words(random, 5, second ? Spam : Ham)),
            Label = first == second ? "1" : "0",
        };
    });

    static string[] Words(CounterRandom random, int most, string[] from) => [.. Enumerable.Range(0, 2 + random.NextInt32(most)).Select(_ => from[random.NextInt32(from.Length)])];

    static TextData Make(int count, int seed, string what, Func<CounterRandom, int, Example> example)
    {
        var random = new CounterRandom(seed, what);
        return TextData.FromExamples(Enumerable.Range(0, count).Select(i => example(random, i) with { Id = $"{what}-{i}" }));
    }
}
