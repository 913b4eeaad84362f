namespace OrtPeft.Tests;

sealed class CompareVerbTests
{
    static readonly string[] Compare = ["compare", "--model", "tiny-bert", "--methods", "ridge,lda,linear-probe,mlp", "--set", "mlp.hidden=8", "--train", "train.jsonl",
        "--dev", "dev.jsonl", "--test", "test.jsonl", "--max-length", "32", "--out", "compared"];

    [Test]
    public void Rows_say_how_good_how_large_and_how_far_behind()
    {
        using var place = Workplace.Trained();
        var json = place.Run([.. Compare, "--json"]).Done().Json;
        var rows = json["rows"]!.AsArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(r => (string?)r!["method"]), Is.EqualTo(new[] { "ridge", "lda", "linear-probe", "mlp" }));
            Assert.That(rows.Select(r => (long)r!["trainableParameters"]!), Is.EqualTo(new[] { 66L, 66, 66, 8 * 33 + 2 * 9 }));
            Assert.That((string?)json["metric"], Is.EqualTo("macroF1"));
            Assert.That((string?)json["evaluatedOn"], Is.EqualTo("test"));
            Assert.That((int)json["examples"]!, Is.EqualTo(Workplace.TestMails));
            Assert.That(rows.Count(r => (bool)r!["best"]!), Is.EqualTo(1));
        }
        var best = rows.Single(r => (bool)r!["best"]!)!;
        Assert.That((double)best["metrics"]!["macroF1"]!, Is.EqualTo(rows.Max(r => (double)r!["metrics"]!["macroF1"]!)));
        foreach (var row in rows.Where(r => !(bool)r!["best"]!))
        {
            var behind = row!["behindBest"]!;
            Assert.That((double)behind["value"]!, Is.EqualTo((double)best["metrics"]!["macroF1"]! - (double)row["metrics"]!["macroF1"]!).Within(1e-9));
            var (lower, upper) = ((double)behind["interval"]![0]!, (double)behind["interval"]![1]!);
            Assert.That((bool)behind["isWithinNoise"]!, Is.EqualTo(lower <= 0 && upper >= 0));
            Assert.That((double)behind["mcNemar"]!, Is.InRange(0, 1));
        }
        var report = File.ReadAllText(place["compared/report.html"]);
        Assert.That(report, Does.Contain("4 methods on tiny-bert").And.Contain("with its 95 % interval").And.Contain(", best"));
        // Each is an adapter like any other, and the cache was filled once.
        Assert.That((double)place.Run("eval", "compared/ridge", "--data", "test.jsonl", "--json").Done().Json["metrics"]!["macroF1"]!, Is.EqualTo((double)rows[0]!["metrics"]!["macroF1"]!).Within(0.05));
    }

    [Test]
    public void People_read_a_table_and_what_is_noise()
    {
        using var place = Workplace.Trained();
        var answer = place.Run([.. Compare.Where(c => c is not ("--test" or "test.jsonl"))]).Done();
        Assert.That(answer.Output, Does.Match(@"ridge +[\d.]+ % \([\d.]+ to [\d.]+\) +[\d.]+ % +66 +[\d.]+ s +\d+ bytes +(best|equal|-[\d.]+ points, (within noise|worse)) *\n"));
        Assert.That(answer.Output, Does.Contain("On 30 dev examples; intervals and differences by 1,000 bootstrap samples."));
    }

    [Test]
    public void A_method_or_setting_that_does_not_fit_is_refused_before_anything_is_trained()
    {
        using var place = Workplace.Trained();
        place.Run([.. Compare[..4], "ridge,magic", .. Compare[7..]]).Refused("Unknown method 'magic'");
        place.Run([.. Compare, "--set", "ncm.distance=cosine"]).Refused("--set 'ncm.distance=cosine' is for none of the methods ridge, lda, linear-probe, mlp");
        Assert.That(Directory.Exists(place["compared"]), Is.False);
    }
}
