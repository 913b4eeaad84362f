namespace OrtPeft.Tests;

sealed class DemoVerbTests
{
    [Test]
    public void The_second_run_finds_the_cache_and_the_same_result()
    {
        using var place = new Workplace();
        string[] demo = ["demo", "--mails", "60", "--max-length", "32", "--json"];
        var first = place.Run(demo).Done().Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((bool?)first["cacheReused"], Is.False);
            Assert.That((double?)first["accuracy"], Is.InRange(0.5, 1));
            Assert.That((double?)first["macroF1"], Is.InRange(0.3, 1));
            Assert.That((long?)first["trainableParameters"], Is.EqualTo(1_482_624));
            Assert.That((double?)first["cacheSeconds"], Is.Positive);
            Assert.That((double?)first["trainSeconds"], Is.Positive);
            Assert.That((string?)first["report"], Is.EqualTo(Path.Combine("ortpeft-demo", "report.html")));
            Assert.That(File.Exists(place["ortpeft-demo/report.html"]));
        }

        var second = place.Run(demo).Done().Json;
        Assert.That((bool?)second["cacheReused"], Is.True);
        Assert.That((double?)second["accuracy"], Is.EqualTo((double?)first["accuracy"]));
        Assert.That((double?)second["macroF1"], Is.EqualTo((double?)first["macroF1"]));
    }
}
