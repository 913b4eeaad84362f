namespace OrtPeft.Tests;

sealed class EvalVerbTests
{
    static Answer Eval(params string[] options) => FinishedTraining.Place.Run(["eval", "adapter", "--data", "test.jsonl", .. options]);

    [Test]
    public void Json_has_metrics_confusion_and_labels_that_agree()
    {
        var json = Eval("--json").Done().Json;
        var confusion = json["confusion"]!.AsArray().Select(row => row!.AsArray().Select(n => (int)n!).ToArray()).ToArray();
        var labels = json["labels"]!.AsArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int?)json["examples"], Is.EqualTo(Workplace.TestMails));
            Assert.That(labels.Select(l => (string?)l!["label"]), Is.EqualTo(new[] { "ham", "spam" }));
            Assert.That(labels.Select(l => (int?)l!["support"]), Is.EqualTo(new[] { 20, 10 }));
            Assert.That(confusion.Select(row => row.Sum()), Is.EqualTo(new[] { 20, 10 }), "rows are the right labels");
            Assert.That((double)json["metrics"]!["accuracy"]!, Is.EqualTo((confusion[0][0] + confusion[1][1]) / 30.0).Within(1e-12));
            Assert.That((double)json["metrics"]!["macroF1"]!, Is.EqualTo(labels.Average(l => (double)l!["f1"]!)).Within(1e-12));
            Assert.That((double)json["metrics"]!["macroF1"]!, Is.GreaterThan(0.6), "one label only would be 0.4");
        }
    }

    [Test]
    public void People_read_intervals_and_the_confusion_matrix()
    {
        var answer = Eval().Done();
        Assert.That(answer.Output, Does.Match(@"^accuracy [\d.]+ % \([\d.]+ to [\d.]+\), macro-F1 [\d.]+ % \([\d.]+ to [\d.]+\), 30 examples\n"));
        Assert.That(answer.Output, Does.Match(@"spam +[\d.]+ % \([\d.]+ to [\d.]+\) +[\d.]+ %"));
        Assert.That(answer.Output, Does.Match(@"gold \\ answered +ham +spam"));
    }

    [Test]
    public void A_requirement_that_holds_changes_nothing() => Assert.That(Eval("--require", "accuracy>=0.5", "--require", "macroF1 > 0.5", "--json").Done().Json, Is.Not.Null);

    [Test]
    public void A_requirement_that_does_not_hold_is_exit_code_3_and_the_result_is_shown_all_the_same()
    {
        var answer = Eval("--require", "accuracy>1", "--require", "accuracy>=0.5", "--json");
        Assert.That(answer.ExitCode, Is.EqualTo(CommandLine.CheckFailed));
        Assert.That(answer.Json["metrics"], Is.Not.Null);
        Assert.That(answer.Errors, Does.Match(@"error: --require accuracy>1 does not hold: accuracy is [01]\.\d{4}\.\n$"));
        Assert.That(answer.Errors, Does.Not.Contain("0.5"));
    }
}
