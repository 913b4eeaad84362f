namespace OrtPeft.Tests;

/// <summary>What a person sees on a terminal; `script` plays one.</summary>
[Platform("Linux")]
sealed class TerminalTests
{
    [Test]
    public void Bars_move_on_a_terminal_and_the_result_stands_below_them()
    {
        using var place = Workplace.Trained();
        var seen = OnATerminal(place, "", $"train --config adapter/run.json --epochs 2 --out again");
        Assert.That(seen, Does.Contain("\e["), "bars need control sequences");
        Assert.That(seen, Does.Contain("Training").And.Contain("100 %").And.Match(@"epoch 2 of 2: loss [\d.]+, dev loss"));
        Assert.That(seen.IndexOf("Adapter: again", StringComparison.Ordinal), Is.GreaterThan(seen.LastIndexOf("Training ", StringComparison.Ordinal)));
        Assert.That(seen.LastIndexOf("\e[?25h", StringComparison.Ordinal), Is.GreaterThan(seen.LastIndexOf("\e[?25l", StringComparison.Ordinal)), "the cursor is back");
    }

    [Test]
    public void NO_COLOR_gives_plain_lines_on_a_terminal_too()
    {
        using var place = Workplace.Trained();
        var seen = OnATerminal(place, "NO_COLOR=1", $"train --config adapter/run.json --epochs 2 --out again");
        Assert.That(seen, Does.Not.Match(@"\e\[\??\d+[A-KSTfmsul]"), "no colour, no moving cursor"); // the runtime itself sets the keypad up
        Assert.That(seen, Does.Contain("Training: 100 %, epoch 2 of 2: loss").And.Contain("Adapter: again"));
    }

    static string OnATerminal(Workplace place, string environment, string typed)
    {
        string[] arguments = ["-qec", $"stty cols 110 rows 40; TERM=xterm-256color {environment} dotnet '{Ortpeft.Program}' {typed}", "/dev/null"];
        return Ortpeft.Run(Ortpeft.Command(place.Folder, ["script"], arguments)).Done().Output;
    }
}
