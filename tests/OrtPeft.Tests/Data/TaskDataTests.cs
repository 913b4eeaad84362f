using NUnit.Framework;

namespace OrtPeft.Tests.Data;

/// <summary>Data of the tasks besides single labels: lists, words and tags, weights, columns of CoNLL.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class TaskDataTests : IDisposable
{
    readonly DataFiles _files = new();

    [Test]
    public void A_list_of_labels_is_several_labels()
    {
        var data = TextData.Load(_files.Write("a.jsonl", """
            {"text": "one", "label": ["b", "a"]}
            {"text": "two", "label": []}
            """));
        Assert.That(data.Select(e => e.Labels), Is.EqualTo(new[] { new[] { "b", "a" }, [] }));
        Assert.That(data.Select(e => e.Label), Is.All.Null);
        Assert.That(LearningTasks.From(data, new()).Labels, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void In_tables_labels_are_joined_by_bars_and_an_empty_field_is_none()
    {
        var data = TextData.Load(_files.Write("a.csv", "text,label\none,a | b\ntwo,\nthree,c\n"));
        Assert.That(data.Select(e => LabelLists.Of(data, e)), Is.EqualTo(new[] { new[] { "a", "b" }, [], ["c"] }));
        Assert.That(LearningTasks.From(data, new() { Task = "multi-label" }), Is.InstanceOf<MultiLabelTask>());
        var broken = TextData.Load(_files.Write("b.jsonl", "{\"text\": \"one\", \"label\": [\"a\", \"b\"]}\n{\"text\": \"two\"}\n"));
        Assert.That(() => LearningTasks.From(broken, new()), Throws.TypeOf<OrtPeftException>().With.Message.Contains("line 2").And.Message.Contains("has no labels"));
    }

    [Test]
    public void Words_and_tags()
    {
        var data = TextData.Load(_files.Write("a.jsonl", """{"tokens": ["Anna", "is", "here"], "tags": ["B-PER", "O", "O"], "id": "x"}"""));
        Assert.That(data[0].Text, Is.EqualTo("Anna is here"));
        Assert.That(data[0].Tokens, Is.EqualTo(new[] { "Anna", "is", "here" }));
        Assert.That(data[0].Tags, Is.EqualTo(new[] { "B-PER", "O", "O" }));
        Assert.That(LearningTasks.From(data, new()), Is.InstanceOf<TaggingTask>());
        var named = TextData.Load(_files.Write("b.jsonl", """{"words": ["a"], "ner": [1]}"""), new() { Tokens = "words", Tags = "ner" });
        Assert.That(named[0].Tags, Is.EqualTo(new[] { "1" }));
    }

    [TestCase("""{"tokens": ["a", "b"], "tags": ["O"]}""", "has 2 words and 1 tags; expected a tag for every word.")]
    [TestCase("""{"tokens": ["a", "b"]}""", "has no tags.")]
    public void Words_without_their_tags_are_refused(string line, string message)
    {
        var data = TextData.Load(_files.Write("a.jsonl", line));
        Assert.That(() => LearningTasks.From(data, new() { Task = "tagging" }), Throws.TypeOf<OrtPeftException>().With.Message.Contains("line 1").And.Message.Contains(message));
    }

    [TestCase("""{"tokens": ["a", null]}""", "a.jsonl, line 1: field 'tokens[1]' is null; expected a string, number or boolean.")]
    [TestCase("""{"words": ["a"]}""", "a.jsonl, line 1: no column 'text' or 'sentence' or 'content'. The columns there are: 'words'.")]
    public void Broken_lists_are_refused(string line, string message) => Assert.That(_files.ErrorOf("a.jsonl", line), Is.EqualTo(message));

    [Test]
    public void Conll_columns()
    {
        var data = TextData.Load(_files.Write("a.conll", "-DOCSTART- -X- O\n\n# id = 1\nEU NNP B-ORG\nrejects VBZ O\n\n\nPeter\tNNP\tB-PER"));
        Assert.That(data.Select(e => (e.Id, e.Text)), Is.EqualTo(new[] { ("line-4", "EU rejects"), ("line-8", "Peter") }));
        Assert.That(data.Select(e => e.Tags), Is.EqualTo(new[] { new[] { "B-ORG", "O" }, ["B-PER"] }));
        Assert.That(TextData.Load(_files.Write("b.conll", "only\nwords\n"))[0].Tags, Is.Null);
        Assert.That(_files.ErrorOf("c.conll", "EU B-ORG\nrejects\n"), Is.EqualTo("c.conll, line 2: 1 columns; the lines before have 2."));
        Assert.That(_files.ErrorOf("d.conll", "EU B-ORG\n", new() { Tags = "ner" }), Is.EqualTo("d.conll: columns of a .conll file have no names; the first is the word, the last the tag."));
    }

    [Test]
    public void Weights_of_examples()
    {
        var data = TextData.Load(_files.Write("a.csv", "text,label,w\none,a,0.5\ntwo,b,2\n"), new() { Weight = "w" });
        Assert.That(data.Select(e => e.Weight), Is.EqualTo(new[] { 0.5, 2 }));
        Assert.That(TextData.Load(_files.Path("a.csv")).Select(e => e.Weight), Is.EqualTo(new[] { 1.0, 1 }), "only when asked for");
        Assert.That(_files.ErrorOf("b.jsonl", """{"text": "one", "w": -1}""", new() { Weight = "w" }), Is.EqualTo("b.jsonl, line 1: the weight in column 'w' is '-1'; expected a number of at least 0, such as 0.5."));
    }

    [TestCase("1.5,2,3", typeof(RegressionTask))]
    [TestCase("1,2,3", typeof(ClassificationTask))]
    [TestCase("1.5,2,high", typeof(ClassificationTask))]
    public void Numbers_with_fractions_are_regression(string labels, Type task)
    {
        var data = TextData.FromExamples(labels.Split(',').Select((label, i) => new Example { Id = $"{i}", Text = "", Label = label }));
        Assert.That(LearningTasks.From(data, new()), Is.InstanceOf(task));
    }

    [Test]
    public void Levels_are_ordered_as_numbers_or_as_the_user_says()
    {
        var data = TextData.FromExamples(new[] { "10", "9", "-1" }.Select(label => new Example { Id = label, Text = "", Label = label }));
        Assert.That(LearningTasks.From(data, new() { Task = "ordinal" }).Labels, Is.EqualTo(new[] { "-1", "9", "10" }));
        Assert.That(LearningTasks.From(data, new() { Task = "ordinal", Levels = ["9", "10", "-1"] }).Labels, Is.EqualTo(new[] { "9", "10", "-1" }));
        Assert.That(() => LearningTasks.From(data, new() { Levels = ["9", "10", "-1"] }), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("--levels is for the task ordinal"));
    }

    [Test]
    public void Words_stand_at_their_first_tokens()
    {
        // The tiny tokenizer knows "meeting" and the letters; "meetingx" is meeting + ##x or letters.
        var places = new WordPlaces(Tiny.Backbone(), 6);
        string[] words = ["free", "money", "the", "room", "prize"];
        Assert.That(places.Of(new Example { Id = "", Text = string.Join(' ', words), Tokens = words }), Is.EqualTo(new[] { 1, 2, 3, 4, -1 }), "[CLS], four words, [SEP]; the fifth is cut off");
        Assert.That(places.Of(new Example { Id = "", Text = "free  money", Tokens = ["free", "", "money"] }), Is.EqualTo(new[] { 1, -1, 2 }), "an empty word has no token");
    }

    [Test]
    public void Text_is_cut_into_words_and_marks() =>
        Assert.That(Words.Of("It's 3.5 \u20ac, na\u00efve \U0001F600!"), Is.EqualTo(new[] { "It", "'", "s", "3", ".", "5", "\u20ac", ",", "na\u00efve", "\U0001F600", "!" }));

    public void Dispose() => _files.Dispose();
}
