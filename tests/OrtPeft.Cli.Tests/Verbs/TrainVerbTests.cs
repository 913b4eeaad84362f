namespace OrtPeft.Tests;

sealed class TrainVerbTests
{
    [Test]
    public void Json_says_what_was_trained_and_how_well()
    {
        var json = FinishedTraining.Answer.Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)json["method"], Is.EqualTo("linear-probe"));
            Assert.That((long?)json["trainableParameters"], Is.EqualTo(2 * (32 + 1)));
            Assert.That((string?)json["adapter"], Is.EqualTo("adapter"));
            Assert.That((bool?)json["cacheReused"], Is.False);
            Assert.That((string?)json["provider"], Is.EqualTo("cpu"));
            Assert.That((int?)json["threads"], Is.EqualTo(Environment.ProcessorCount));
            Assert.That((int?)json["seed"], Is.Zero);
            // Every epoch would have run the backbone over every mail; it ran once.
            Assert.That((long?)json["forwardPassesSaved"], Is.EqualTo((Workplace.TrainMails + Workplace.DevMails) * (Workplace.Epochs - 1)));
        }
        var epochs = json["epochs"]!.AsArray();
        Assert.That(epochs, Has.Count.EqualTo(Workplace.Epochs));
        Assert.That(epochs.Select(e => (int)e!["epoch"]!), Is.EqualTo(Enumerable.Range(1, Workplace.Epochs)));
        Assert.That(epochs, Is.All.Matches<System.Text.Json.Nodes.JsonNode>(e => (double)e["loss"]! > 0 && (double)e["metrics"]!["accuracy"]! >= 0 && (double)e["seconds"]! > 0));
        Assert.That((double)epochs[^1]!["loss"]!, Is.LessThan(0.8 * (double)epochs[0]!["loss"]!));
        Assert.That((double)json["best"]!["metrics"]!["macroF1"]!, Is.EqualTo(epochs.Max(e => (double)e!["metrics"]!["macroF1"]!)));
    }

    [Test]
    public void The_adapter_folder_holds_what_it_should_and_no_checkpoint()
    {
        var place = FinishedTraining.Place;
        var names = Directory.EnumerateFileSystemEntries(place["adapter"]).Select(Path.GetFileName);
        Assert.That(names, Is.EquivalentTo(new[] { "adapter.json", "adapter.safetensors", "metrics.jsonl", "report.html", "run.json", "tensorboard" }));
        Assert.That(File.ReadLines(place["adapter/metrics.jsonl"]).Count(), Is.EqualTo(Workplace.Epochs));
        Assert.That(File.ReadAllText(place["adapter/report.html"]), Does.Contain("Linear probe"));
    }

    [Test]
    public void People_read_the_result_in_a_few_lines()
    {
        using var place = Workplace.Trained();
        var answer = place.Run(Workplace.TrainWith("--epochs", "2", "--out", "again")).Done();
        Assert.That(answer.Output, Does.Match(@"^linear-probe: 66 trained parameters, 2 epochs in [\d.]+ s on cpu with \d+ threads?; 240 forward passes"));
        Assert.That(answer.Output, Does.Match(@"Best epoch [12]: dev accuracy [\d.]+ %, macro-F1 [\d.]+ %\.\n"));
        Assert.That(answer.Output, Does.Contain("Adapter: again (report: again/report.html)\n"));
        Assert.That(answer.Errors, Does.Match(@"^Training: 100 %, epoch 2 of 2: loss [\d.]+, dev loss [\d.]+, dev macro-F1 [\d.]+ %, [\d.]+ s\n$"));
        Assert.That(answer.Output + answer.Errors, Does.Not.Contain("\e"));
    }

    [Test]
    public void Without_dev_data_a_tenth_of_every_label_is_held_back()
    {
        using var place = Workplace.Trained();
        var answer = place.Run("train", "--model", "tiny-bert", "--train", "train.jsonl", "--max-length", "32", "--out", "again", "--method", "linear-probe", "--epochs", "1").Done();
        Assert.That(answer.Errors, Does.StartWith("No dev data given: 9 of 90 training examples are held back, label by label.\n"));
    }

    [Test]
    public void A_head_that_answers_one_label_only_is_said_to_have_learned_nothing()
    {
        using var place = Workplace.Trained();
        var answer = place.Run(Workplace.TrainWith("--method", "y-tuning", "--epochs", "1", "--learning-rate", "0.001", "--out", "again")).Done();
        Assert.That(answer.Output, Does.Contain("warning: Collapse to one label"));
    }

    [Test]
    public void An_adapter_is_not_replaced_unless_that_is_asked_for()
    {
        using var place = Workplace.Trained();
        var before = place.Hashes("adapter");
        place.Run(Workplace.TrainWith("--epochs", "2")).Refused("'adapter' holds the adapter of another run", "--overwrite");
        Assert.That(place.Hashes("adapter"), Is.EqualTo(before));
        place.Run([.. Workplace.TrainWith("--epochs", "2"), "--overwrite"]).Done();
        Assert.That(place.Hashes("adapter")["adapter.safetensors"], Is.Not.EqualTo(before["adapter.safetensors"]));
    }
}
