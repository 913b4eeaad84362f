namespace OrtPeft.Tests;

/// <summary>One training, done once; tests read it, and copy what they change.</summary>
[SetUpFixture]
sealed class FinishedTraining
{
    static readonly Lazy<(Workplace Place, Answer Answer)> Training = new(() =>
    {
        var place = new Workplace();
        return (place, place.Run([.. Workplace.Train, "--json"]).Done());
    });

    internal static Workplace Place => Training.Value.Place;

    /// <summary>What `train --json` said.</summary>
    internal static Answer Answer => Training.Value.Answer;

    [OneTimeTearDown]
    public void CleanUp()
    {
        if (Training.IsValueCreated)
            Place.Dispose();
    }
}
