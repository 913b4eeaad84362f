using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Every task from file to answer: train, eval, predict, as a user types it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class TaskTests : IDisposable
{
    readonly Workplace _place = new();

    [Test]
    public void Several_labels_from_lists_and_from_tables()
    {
        Write("train.jsonl", TinyTasks.MultiLabel(90, 0), e => new { text = e.Text, label = e.Labels });
        File.WriteAllLines(_place["test.csv"], ["text,label", .. TinyTasks.MultiLabel(30, 1).Select(e => $"{e.Text},{string.Join('|', e.Labels!)}")]);
        var train = Train("linear-probe", "train.jsonl");
        Assert.That((string?)train["task"], Is.EqualTo("multi-label"));
        var eval = Eval("test.csv");
        Assert.That(eval["labels"]!.AsArray().Select(l => (string?)l!["label"]), Is.EqualTo(new[] { "hammy", "long", "spammy" }));
        Assert.That((double)eval["metrics"]!["microF1"]!, Is.GreaterThan(0.5));
        var answer = Predict("free prize money win");
        Assert.That(answer["labels"], Is.InstanceOf<JsonArray>());
        Assert.That(answer["scores"]!.AsObject(), Has.Count.EqualTo(3));
        Assert.That(JsonNode.Parse(File.ReadAllText(_place["adapter/adapter.json"]))!["task"]!["thresholds"]!.AsArray(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Numbers_are_found_by_their_fractions()
    {
        Write("train.jsonl", TinyTasks.Numbers(90, 0), e => new { text = e.Text, label = double.Parse(e.Label!, CultureInfo.InvariantCulture) });
        Write("test.jsonl", TinyTasks.Numbers(30, 1), e => new { text = e.Text, label = e.Label });
        Assert.That((string?)Train("ridge", "train.jsonl")["task"], Is.EqualTo("regression"));
        var eval = Eval("test.jsonl");
        Assert.That(eval["metrics"]!.AsObject().Select(m => m.Key), Is.EqualTo(new[] { "pearson", "spearman", "r2", "mae", "rmse" }));
        Assert.That((double)eval["metrics"]!["pearson"]!, Is.GreaterThan(0.4));
        Assert.That((double)Predict("free prize money")["value"]!, Is.GreaterThan((double)Predict("meeting report room")["value"]!));
        Assert.That(File.ReadAllText(_place["adapter/report.html"]), Does.Contain("Answers and right numbers"));
        _place.Run("eval", "adapter", "--data", "test.jsonl", "--require", "accuracy>0.5").Refused("There is no metric 'accuracy' for the task regression; expected pearson or spearman or r2 or mae or rmse.");
    }

    [Test]
    public void Levels_keep_their_order()
    {
        Write("train.jsonl", TinyTasks.Levels(90, 0), e => new { text = e.Text, label = "level " + e.Label });
        Write("test.jsonl", TinyTasks.Levels(30, 1), e => new { text = e.Text, label = "level " + e.Label });
        Train("linear-probe", "train.jsonl", "--task", "ordinal", "--levels", "level 4,level 3,level 2,level 1", "--epochs", "60", "--learning-rate", "0.1");
        var eval = Eval("test.jsonl");
        Assert.That(eval["labels"]!.AsArray().Select(l => (string?)l!["label"]), Is.EqualTo(new[] { "level 4", "level 3", "level 2", "level 1" }));
        Assert.That((double)eval["metrics"]!["kappa"]!, Is.GreaterThan(0));
        Assert.That(Predict("free prize")["scores"]!.AsObject().Sum(s => (double)s.Value!), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void Tags_from_lists_and_columns()
    {
        Write("train.jsonl", TinyTasks.Tags(90, 0), e => new { tokens = e.Tokens, tags = e.Tags });
        File.WriteAllText(_place["test.conll"], "-DOCSTART- -X- O\n\n" + string.Join("\n", TinyTasks.Tags(30, 1).Select(e => string.Concat(e.Tokens!.Zip(e.Tags!, (w, t) => $"{w} X {t}\n")))));
        Train("mlp", "train.jsonl", "--epochs", "20", "--learning-rate", "0.02");
        var eval = Eval("test.conll");
        Assert.That((int)eval["examples"]!, Is.EqualTo(30));
        Assert.That(eval["labels"]!.AsArray().Select(l => (string?)l!["label"]), Is.EqualTo(new[] { "THING", "WORK" }));
        Assert.That((double)eval["metrics"]!["f1"]!, Is.GreaterThan(0.1));
        var answer = Predict("free money, the meeting");
        Assert.That(answer["tokens"]!.AsArray().Select(t => (string?)t), Is.EqualTo(new[] { "free", "money", ",", "the", "meeting" }));
        Assert.That(answer["tags"]!.AsArray(), Has.Count.EqualTo(5));
        Assert.That(answer["spans"], Is.InstanceOf<JsonArray>());
    }

    [Test]
    public void Similarity_compares_two_texts_that_pass_one_by_one()
    {
        Write("train.jsonl", TinyTasks.Pairs(90, 0), e => new { text = e.Text, text_pair = e.TextPair, label = e.Label });
        Write("test.jsonl", TinyTasks.Pairs(30, 1), e => new { text = e.Text, text_pair = e.TextPair, label = e.Label });
        Train("linear-probe", "train.jsonl", "--task", "similarity", "--epochs", "20");
        Assert.That((double)Eval("test.jsonl")["metrics"]!["spearman"]!, Is.GreaterThan(0.2));
        _place.Run("predict", "adapter", "--text", "free").Refused("has no second text");
        _place.Run("train", "--model", "tiny-bert", "--train", "train.jsonl", "--task", "similarity", "--method", "lda", "--max-length", "32", "--out", "other").Refused("lda is not for the task similarity");
    }

    [Test]
    public void Weights_of_examples_and_labels_are_taken_and_written_down()
    {
        Write("train.jsonl", Tiny.Mails(90), e => new { text = e.Text, label = e.Label, importance = e.Label == "spam" ? 2.5 : 1 });
        Write("plain.jsonl", Tiny.Mails(90), e => new { text = e.Text, label = e.Label });
        Train("ridge", "train.jsonl", "--set", "regularization=1");
        var plain = _place.Sha256("adapter/adapter.safetensors");
        Train("ridge", "train.jsonl", "--set", "regularization=1", "--weight", "importance", "--overwrite");
        var weighted = _place.Sha256("adapter/adapter.safetensors");
        Train("ridge", "train.jsonl", "--set", "regularization=1", "--class-weights", "balanced", "--overwrite");
        Assert.That(new[] { plain, weighted, _place.Sha256("adapter/adapter.safetensors") }, Is.Unique);
        Assert.That((string?)JsonNode.Parse(File.ReadAllText(_place["adapter/run.json"]))!["class-weights"], Is.EqualTo("balanced"));
        _place.Run("train", "--model", "tiny-bert", "--train", "plain.jsonl", "--weight", "importance", "--out", "other").Refused("plain.jsonl, line 1", "'importance'");
    }

    [Test]
    public void Duplicates_rare_labels_and_missing_labels_are_named()
    {
        var mails = Tiny.Mails(60).ToArray();
        Write("train.jsonl", TextData.FromExamples(mails.Append(new Example { Id = "rare", Text = "cash", Label = "other" })), e => new { id = e.Id, text = e.Text, label = e.Label });
        Write("dev.jsonl", TextData.FromExamples([mails[1] with { Id = "twin" }, .. Tiny.Mails(20, seed: 1).Where(m => m.Label == "ham")]), e => new { id = e.Id, text = e.Text, label = e.Label });
        var answer = _place.Run("train", "--model", "tiny-bert", "--train", "train.jsonl", "--dev", "dev.jsonl", "--method", "ncm", "--max-length", "32", "--out", "adapter").Done();
        Assert.That(answer.Errors, Does.Match("dev examples? (is|are) also in the training data.*'twin' \\(trained on as 'mail-1'\\)"));
        Assert.That(answer.Errors, Does.Contain("The dev data have no example of 'other' and 'spam'"));
        Assert.That(answer.Errors, Does.Contain("The labels are imbalanced: 40 examples are 'ham', 1 are 'other'."));
        var evaluated = _place.Run("eval", "adapter", "--data", "dev.jsonl").Done();
        Assert.That(evaluated.Errors, Does.Contain("'twin' (trained on as 'mail-1')"), "run.json says where the training data are");
    }

    [Test]
    public void Several_runs_give_a_mean_and_an_interval()
    {
        var json = _place.Run(Workplace.TrainWith("--epochs", "3", "--runs", "3", "--out", "runs", "--json")).Done().Json;
        var runs = json["runs"]!.AsArray();
        double[] values = [.. runs.Select(r => (double)r!["metrics"]!["macroF1"]!)];
        Assert.That(runs.Select(r => (string?)r!["adapter"]), Is.EqualTo(new[] { "runs/seed-0", "runs/seed-1", "runs/seed-2" }));
        var mean = json["mean"]!["macroF1"]!;
        Assert.That((double)mean["mean"]!, Is.EqualTo(values.Average()).Within(1e-9));
        var deviation = Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / 2);
        Assert.That((double)mean["interval"]![1]! - values.Average(), Is.EqualTo(4.302653 * deviation / Math.Sqrt(3)).Within(1e-6), "t(0.975, 2) = 4.302653");
        _place.Run("train", "--config", "runs/seed-1/run.json", "--out", "again").Done();
        Assert.That(_place.Sha256("again/adapter.safetensors"), Is.EqualTo(_place.Sha256("runs/seed-1/adapter.safetensors")));
    }

    [Test]
    public void A_training_that_breaks_down_keeps_what_it_had_and_fails()
    {
        Write("train.jsonl", TinyTasks.Numbers(60, 0), e => new { text = e.Text, label = e.Label });
        var answer = _place.Run("train", "--model", "tiny-bert", "--train", "train.jsonl", "--method", "linear-probe", "--optimizer", "sgd", "--clip", "0", "--learning-rate", "3",
            "--warmup", "0.5", "--epochs", "400", "--max-length", "32", "--out", "adapter");
        Assert.That(answer.ExitCode, Is.EqualTo(CommandLine.Failed), answer.ToString());
        Assert.That(answer.Errors, Does.Match(@"error: Training stopped at step \d+ \(epoch \d+\): (gradient of|trained tensor|the loss).* is not a finite number\. Lower --learning-rate \(now 3\)\. The result is that of epoch \d+"));
        Assert.That((double)Eval("train.jsonl")["metrics"]!["rmse"]!, Is.GreaterThan(0), "the adapter answers with numbers");
    }

    JsonObject Train(string method, string train, params string[] options) =>
        _place.Run(["train", "--model", "tiny-bert", "--method", method, "--train", train, "--max-length", "32", "--out", "adapter", "--json", .. options]).Done().Json;

    JsonObject Eval(string data) => _place.Run("eval", "adapter", "--data", data, "--json").Done().Json;

    JsonObject Predict(string text) => JsonNode.Parse(_place.Run("predict", "adapter", "--text", text).Done().Output)!.AsObject();

    void Write(string name, TextData data, Func<Example, object> line) => File.WriteAllLines(_place[name], data.Select(e => JsonSerializer.Serialize(line(e))));

    public void Dispose() => _place.Dispose();
}
