namespace OrtPeft.Tests;

sealed class HelpTests
{
    static readonly Dictionary<string, string[]> OptionsOf = new()
    {
        ["demo"] = ["--out", "--full", "--max-length", "--mails"],
        ["inspect"] = ["MODEL", "--sites", "--tokenizer"],
        ["cache"] =
        [
            "--model", "--data", "--out", "--method", "--at", "--keep", "--tokenizer", "--max-length", "--dtype", "--part", "--explain", "--calibrate", "--text", "--text-pair", "--label",
            "--tokens", "--tags", "--id",
        ],
        ["quantize"] = ["MODEL", "--out", "--embeddings", "--data", "--texts", "--max-length", "--tokenizer", "--text", "--text-pair", "--label", "--id"],
        ["cache verify"] = ["--model", "--data", "--out", "--texts", "--seed", "--at", "--keep", "--tokenizer", "--max-length", "--dtype", "--text", "--text-pair", "--label", "--id"],
        ["cache info"] = ["FOLDER"],
        ["cache merge"] = ["FOLDER"],
        ["cache prune"] = ["FOLDER", "--unused-for", "--dry-run"],
        ["train"] =
        [
            "--model", "--tokenizer", "--method", "--set", "--artifacts", "--engine", "--train", "--dev", "--out", "--cache", "--max-length", "--dtype", "--keep", "--epochs", "--batch-size", "--learning-rate",
            "--schedule", "--warmup", "--optimizer", "--weight-decay", "--clip", "--clip-value", "--micro-batch", "--memory", "--ema", "--average-best", "--keep-last", "--augment", "--patience", "--select-by", "--seed", "--runs", "--track", "--resume", "--overwrite", "--text", "--text-pair",
            "--label", "--id", "--task", "--levels", "--class-weights", "--loss", "--label-smoothing", "--focal-gamma", "--tokens", "--tags", "--weight",
        ],
        ["eval"] = ["ADAPTER", "--data", "--require", "--model", "--text", "--text-pair", "--label", "--tokens", "--tags", "--id"],
        ["compare"] =
        [
            "--model", "--tokenizer", "--methods", "--set", "--train", "--dev", "--test", "--out", "--cache", "--task", "--levels", "--class-weights", "--loss", "--label-smoothing",
            "--focal-gamma", "--select-by", "--max-length", "--dtype", "--seed", "--text", "--text-pair", "--label", "--tokens", "--tags", "--weight", "--id",
        ],
        ["predict"] = ["ADAPTER", "--text", "--data", "--text-column", "--text-pair", "--tokens", "--id", "--out", "--model"],
        ["tokenize"] = ["MODEL", "--text", "--pair", "--data", "--text-column", "--text-pair", "--id", "--max-length"],
        ["export"] = ["ADAPTER", "--format", "--out", "--overwrite", "--model", "--optimizer", "--weight-decay", "--clip"],
        ["search"] =
        [
            "--model", "--method", "--set", "--train", "--dev", "--out", "--cache", "--trials", "--learning-rate-from", "--learning-rate-to", "--batch-sizes", "--reduction", "--range-test", "--seed",
        ],
        ["bench"] = ["NAME", "--only", "--quick", "--model"],
    };

    static readonly string[] OptionsOfAll = ["--config", "--provider", "--threads", "--json", "--quiet", "--verbose", "--help"];

    [TestCaseSource(nameof(Verbs))]
    public void Every_verb_explains_every_option_it_takes(string verb)
    {
        var help = Ortpeft.Run(".", [.. verb.Split(' '), "--help"]).Done().Output;
        var explained = help.Split('\n').Select(line => line.Trim()).ToArray();
        foreach (var option in OptionsOf[verb].Concat(OptionsOfAll))
        {
            Assert.That(explained, Has.Some.Matches<string>(line => line.Replace("<", "", StringComparison.Ordinal).Replace("-?, -h, ", "", StringComparison.Ordinal).StartsWith(option, StringComparison.Ordinal)
                && line.EndsWith('.') | line.EndsWith(']') | line.EndsWith("information", StringComparison.Ordinal)), $"{option} of {verb}:\n{help}");
        }
        Assert.That(help, Does.Contain($"ortpeft {verb} ").And.Contain("Example"));
    }

    static string[] Verbs() => [.. OptionsOf.Keys];

    [TestCase("")]
    [TestCase("--help")]
    public void The_program_alone_names_its_verbs_and_how_to_begin(string arguments)
    {
        var help = Ortpeft.Run(".", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Done();
        foreach (var verb in OptionsOf.Keys.Where(v => !v.Contains(' ', StringComparison.Ordinal)))
            Assert.That(help.Output, Does.Contain($"\n  {verb} "));
        Assert.That(help.Output, Does.Contain("  ortpeft demo\n"));
        Assert.That(help.Errors, Is.Empty);
    }

    [Test]
    public void Help_of_train_lists_the_options_of_every_method()
    {
        var help = Ortpeft.Run(".", "train", "--help").Done().Output;
        Assert.That(help, Does.Contain("linear-probe: pooling=mean, layers=1\n"));
        Assert.That(help, Does.Contain("y-tuning: layers=1,").And.Contain("loss=margin").And.Not.Contain("method="));
    }

    [Test]
    public void Help_says_where_text_is_a_column_and_where_it_is_a_text()
    {
        Assert.That(Ortpeft.Run(".", "eval", "--help").Output, Does.Match(@"--text <COLUMN> +Name of the column"));
        Assert.That(Ortpeft.Run(".", "predict", "--help").Output, Does.Match(@"--text <TEXT> +A text to answer for, not the name of a column"));
    }

    [Test]
    public void Version_is_that_of_the_package() => Assert.That(Ortpeft.Run(".", "--version").Done().Output, Does.Match(@"^\d+\.\d+\.\d+"));
}
