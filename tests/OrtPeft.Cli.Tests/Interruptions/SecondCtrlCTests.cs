using System.Diagnostics;

namespace OrtPeft.Tests;

[Platform("Linux")]
sealed class SecondCtrlCTests
{
    [Test]
    public void A_second_Ctrl_C_ends_at_once_what_the_first_cannot()
    {
        using var place = Workplace.Trained();
        // A pipe that nobody writes to: the program waits inside the system and cannot hear the first Ctrl-C.
        using (var mkfifo = Process.Start("mkfifo", [place["pipe.jsonl"]]))
            mkfifo.WaitForExit();
        using var run = Ortpeft.Start(place.Folder, "predict", "adapter", "--data", "pipe.jsonl", "--out", "answers.jsonl");
        using var pipe = new FileStream(place["pipe.jsonl"], FileMode.Open, FileAccess.Write); // opens when the program opens it
        run.PressCtrlC();
        Assert.That(run.EndsWithin(TimeSpan.FromMilliseconds(300)), Is.False);
        run.PressCtrlC();
        Assert.That(run.EndsWithin(TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(run.End().ExitCode, Is.EqualTo(CommandLine.Interrupted));
        Assert.That(File.Exists(place["answers.jsonl"]), Is.False);
    }
}
