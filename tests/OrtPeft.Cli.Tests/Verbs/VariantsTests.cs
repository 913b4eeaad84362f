namespace OrtPeft.Tests;

/// <summary>Several settings of one method by one command: TTC's ablation.</summary>
sealed class VariantsTests
{
    static readonly string[] Settings = ["ttc-first-stage", "ttc-second-stage", "ttc-both-absolute", "ttc-both-squared", "ttc-both-class-balanced", "ttc-both-l2", "ttc-both-random"];

    [Test]
    public void Every_setting_is_trained_and_compared_and_what_they_share_is_trained_once()
    {
        using var place = Workplace.Trained();
        string[] train = Workplace.TrainWith("--method", "ttc", "--set", "ablation=all", "--set", "channels=4", "--epochs", "2", "--learning-rate", "5e-3", "--out", "ablation");
        var json = place.Run([.. train, "--json"]).Done().Json;
        Assert.That(json["rows"]!.AsArray().Select(r => (string?)r!["method"]), Is.EqualTo(Settings));
        Assert.That((string?)json["evaluatedOn"], Is.EqualTo("dev"));
        Assert.That(File.ReadAllText(place["ablation/comparison.json"]).Trim(), Is.EqualTo(json.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })));
        Assert.That(Directory.GetDirectories(place["ablation/stages/ttc"]).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "1-linear-probe", "1-linear-probe-scores", "2-layer-norm" }));
        var report = File.ReadAllText(place["ablation/report.html"]);
        Assert.That(report, Does.Contain("TTC-Tuning: both-class-balanced").And.Contain("Channels by score").And.Contain("layer.0 attn"));
        // Seven norms of 32, three maps of 4 channels, two labels.
        Assert.That(json["rows"]!.AsArray().Select(r => (long)r!["trainableParameters"]!), Is.EqualTo(new[] { 448L + 66, 60 + 66 }.Concat(Enumerable.Repeat(448L + 60 + 66, 5))));
        place.Run("eval", "ablation/ttc-both-l2", "--data", "test.jsonl").Done();
        place.Run([.. train, "--runs", "2"]).Refused("--runs repeats one setting");
    }

    [Test]
    public void A_picture_shows_which_channels_were_chosen()
    {
        using var place = Workplace.Trained();
        var answer = place.Run(Workplace.TrainWith("--method", "ttc", "--set", "position=qkv", "--epochs", "1", "--learning-rate", "5e-3", "--out", "chosen")).Done();
        Assert.That(answer.Errors, Does.Contain("Stage 1 of 3: linear-probe.").And.Contain("Stage 2 of 3: layer-norm.").And.Contain("Scoring 6 places on").And.Contain("Stage 3 of 3: ttc."));
        var report = File.ReadAllText(place["chosen/report.html"]);
        Assert.That(report.Split("""<rect class="wrong" """).Length - 1, Is.GreaterThanOrEqualTo(6 * 4), "an eighth of 32 channels, six maps");
        Assert.That(report, Does.Contain("layer.2 v"));
        Assert.That((double)place.Run("export", "chosen", "--out", "exported", "--json").Done().Json["maxAbsError"]!, Is.LessThan(1e-4));
    }
}
