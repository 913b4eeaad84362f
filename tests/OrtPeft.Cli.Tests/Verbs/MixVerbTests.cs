namespace OrtPeft.Tests;

sealed class MixVerbTests
{
    [Test]
    public void An_adapter_mixed_with_itself_answers_as_it_does()
    {
        using var place = Workplace.Trained();
        var json = place.Run("mix", "adapter", "adapter", "--weights", "0.5,0.5", "--out", "mixed", "--json").Done().Json;
        Assert.That((string?)json["method"], Is.EqualTo("linear-probe"));
        Assert.That((int)json["trainableParameters"]!, Is.EqualTo(66));
        string[] predict = ["--text", "free prize money"];
        Assert.That(place.Run(["predict", "mixed", .. predict]).Done().Output, Is.EqualTo(place.Run(["predict", "adapter", .. predict]).Done().Output));
        place.Run("mix", "adapter", "adapter", "--weights", "0.5,0.5", "--out", "mixed").Refused("'mixed' already holds adapter.json", "--overwrite");
    }

    [TestCase("mix adapter adapter --weights 0.5,x --out nowhere", "--weights: 'x' is not a number.")]
    [TestCase("mix adapter adapter --weights 0.5 --out nowhere", "There are 2 adapters and 1 weights")]
    public void What_cannot_be_mixed_is_refused(string command, string answer) => FinishedTraining.Place.Run(command.Split(' ')).Refused(answer);
}
