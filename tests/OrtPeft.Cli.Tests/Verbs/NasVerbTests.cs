namespace OrtPeft.Tests;

/// <summary>An architecture search as a user runs it.</summary>
sealed class NasVerbTests
{
    static string[] Search(params string[] more) => ["train", "--model", "tiny-bert", "--train", "train.jsonl", "--dev", "dev.jsonl", "--max-length", "32", "--epochs", "1", "--out", "searched", .. more];

    [Test]
    public void Several_budgets_give_a_table_a_map_a_curve_and_an_adapter_each()
    {
        using var place = new Workplace();
        var answer = place.Run(Search("--method", "nas-lora", "--set", "budgets=3%,5%,15%", "--set", "rank=4")).Done();
        Assert.That(answer.Output, Does.Match("trained parameters, 4 epochs in "), "those of all stages");
        Assert.That(answer.Errors, Does.Contain("Stage 1 of 4: search.").And.Contain("Stage 3 of 4: budget-5%.").And.Contain("Stage 4 of 4: nas-lora."));
        Assert.That(answer.Output, Does.Match(@"budget +trained values, without the head +dev accuracy"));
        Assert.That(answer.Output, Does.Match(@"  3% +864 +[\d.]+ % +[\d.]+ % +searched/stages/2-budget-3%"));
        Assert.That(answer.Output, Does.Match(@" 15% +4,\d+ +[\d.]+ % +[\d.]+ % +searched *\n"));
        Assert.That(answer.Output, Does.Match(@"everything \(the search\) +5,376 "));
        var report = File.ReadAllText(place["searched/report.html"]);
        Assert.That(report, Does.Contain("Which ranks the matrices get").And.Contain("What a budget is worth").And.Contain("Rank that the search kept of 4.").And.Contain("layer 2"));

        foreach (var adapter in new[] { "searched", "searched/stages/2-budget-3%" })
            Assert.That(place.Run("eval", adapter, "--data", "test.jsonl").Done().Output, Does.Contain("accuracy"));
        place.Run("export", "searched", "--format", "onnx", "--out", "fused").Done();
        place.Run("merge", "searched", "searched/stages/2-budget-3%", "--out", "merged").Refused("was trained by nas-lora: what it trains has another shape in every adapter");
        place.Run("mix", "searched", "searched/stages/2-budget-3%", "--weights", "0.5,0.5", "--out", "mixed").Refused("different options");
        place.Run(Search("--method", "nas-lora", "--set", "budgets=3%,5%,15%", "--set", "rank=8")).Refused("holds the adapter of another run");
    }

    [Test]
    public void One_budget_is_planned_and_trained()
    {
        using var place = new Workplace();
        var plan = place.Run(["plan", .. Search("--method", "nas-bitfit", "--set", "budget=200", "--set", "unit=unstructured", "--json")[1..].Where(a => a is not ("--out" or "searched"))]).Done().Json;
        Assert.That((long)plan["trainableParameters"]!, Is.EqualTo(200 + 66));
        Assert.That((int)plan["epochs"]!, Is.EqualTo(2), "the search and the training");
        var json = place.Run(Search("--method", "nas-bitfit", "--set", "budget=200", "--set", "unit=unstructured", "--json")).Done().Json;
        Assert.That(json["stages"]!.AsArray().Select(s => ((string)s!["name"]!, (int)s["epochs"]!)), Is.EqualTo(new[] { ("search", 1) }));
        Assert.That((double)json["trainSeconds"]!, Is.GreaterThan((double)json["stages"]![0]!["seconds"]!));
        Assert.That((long)json["trainableParameters"]!, Is.EqualTo(200 + 66));
        Assert.That(json["budgets"]!.AsArray().Select(b => ((string?)b!["budget"], (long)b["kept"]!)), Is.EqualTo(new (string?, long)[] { ("200", 200), (null, 864) }));
        Assert.That(place.Run("compare", "--model", "tiny-bert", "--train", "train.jsonl", "--dev", "dev.jsonl", "--max-length", "32", "--methods", "linear-probe,nas-bitfit", "--set", "nas-bitfit.budget=64", "--out", "compared").Done().Output, Does.Contain("nas-bitfit"));
    }

    [TestCase("budgets=20%,3%", "budgets are")]
    [TestCase("budget=much", "budget is 'much'; expected a number of parameters such as 2000, or a share of the backbone's such as 0.05%.")]
    [TestCase("rounds=0", "rounds is 0; expected 1 to 10")]
    [TestCase("score=best", "Option score of method 'nas-lora' is \"best\"; expected signed or absolute or squared.")]
    [TestCase("unit=0", "Option unit of method 'nas-lora'")]
    public void An_option_that_cannot_be_is_refused(string option, string message)
    {
        using var place = new Workplace();
        place.Run(Search("--method", "nas-lora", "--set", option)).Refused(message);
    }
}
