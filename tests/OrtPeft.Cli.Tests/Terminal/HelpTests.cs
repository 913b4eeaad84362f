namespace OrtPeft.Tests;

sealed class HelpTests
{
    static readonly Dictionary<string, string[]> OptionsOf = new()
    {
        ["demo"] = ["--out", "--full", "--max-length", "--mails"],
        ["inspect"] = ["MODEL", "--tokenizer"],
        ["cache"] = ["--model", "--data", "--out", "--tokenizer", "--max-length", "--dtype", "--text", "--text-pair", "--label", "--id"],
        ["train"] =
        [
            "--model", "--tokenizer", "--method", "--set", "--train", "--dev", "--out", "--cache", "--max-length", "--dtype", "--epochs", "--batch-size", "--learning-rate",
            "--schedule", "--warmup", "--optimizer", "--weight-decay", "--clip", "--patience", "--select-by", "--seed", "--resume", "--overwrite", "--text", "--text-pair",
            "--label", "--id",
        ],
        ["eval"] = ["ADAPTER", "--data", "--require", "--model", "--text", "--text-pair", "--label", "--id"],
        ["predict"] = ["ADAPTER", "--text", "--data", "--text-column", "--text-pair", "--id", "--out", "--model"],
        ["tokenize"] = ["MODEL", "--text", "--pair", "--data", "--text-column", "--text-pair", "--id", "--max-length"],
        ["bench"] = ["NAME", "--only", "--quick", "--model"],
    };

    static readonly string[] OptionsOfAll = ["--config", "--provider", "--threads", "--json", "--quiet", "--verbose", "--help"];

    [TestCaseSource(nameof(Verbs))]
    public void Every_verb_explains_every_option_it_takes(string verb)
    {
        var help = Ortpeft.Run(".", verb, "--help").Done().Output;
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
        foreach (var verb in OptionsOf.Keys)
            Assert.That(help.Output, Does.Contain($"\n  {verb} "));
        Assert.That(help.Output, Does.Contain("  ortpeft demo\n"));
        Assert.That(help.Errors, Is.Empty);
    }

    [Test]
    public void Help_of_train_lists_the_options_of_every_method()
    {
        var help = Ortpeft.Run(".", "train", "--help").Done().Output;
        Assert.That(help, Does.Contain("linear-probe: pooling=mean\n"));
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
