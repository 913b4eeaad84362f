namespace OrtPeft.Tests;

/// <summary>A BERT of 3 layers and width 32 with random weights, a tokenizer of 94 words, and mails that a child could sort.</summary>
static class Tiny
{
    internal static string ModelFolder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "tiny-bert");

    internal static Backbone Backbone() => OrtPeft.Backbone.Load(ModelFolder);

    /// <summary>Labelled texts of one to twelve words; "spam" holds words that "ham" does not.</summary>
    internal static TextData Mails(int count, int seed = 0)
    {
        string[] spam = ["free", "prize", "win", "money", "cash", "click", "offer"];
        string[] ham = ["meeting", "report", "thursday", "room", "draft", "patch", "parser"];
        string[] common = ["the", "you", "a", "is", "to", "and", "of", "in"];
        var random = new CounterRandom(seed, "mails");
        return TextData.FromExamples(Enumerable.Range(0, count).Select(i =>
        {
            var own = i % 3 == 0 ? spam : ham;
            var words = Enumerable.Range(0, 1 + random.NextInt32(12)).Select(w => w % 2 == 0 ? own[random.NextInt32(own.Length)] : common[random.NextInt32(common.Length)]);
            return new Example { Id = $"mail-{i}", Text = $"{string.Join(' ', words)} {(char)('a' + i % 26)} {(char)('a' + i / 26 % 26)}", Label = i % 3 == 0 ? "spam" : "ham" };
        }));
    }
}
