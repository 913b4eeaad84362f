namespace OrtPeft.Tests;

/// <summary>One batch of rows of all tasks, as the merged model answers it and as each adapter answers its rows alone.</summary>
static class MergedRows
{
    /// <summary>The largest error of any task, relative to its largest score.</summary>
    internal static double Error(TinyEncoder encoder, params Adapter[] adapters)
    {
        using var folder = new TemporaryFolder();
        var merge = new AdapterMerge(TinyAdapter.Set(encoder.Backbone, adapters));
        var written = merge.ToOnnx(folder["merged"]);
        using var merged = new ScoringSession(OrtSession.FromFile(written.Files[0], 1), encoder.Backbone);
        // Every text for every task, neighbours of different tasks and lengths.
        var rows = (from text in Enumerable.Range(0, encoder.Tokens.Length) from task in Enumerable.Range(0, adapters.Length) select (text, task)).ToArray();
        var scores = merged.Scores([.. rows.Select(r => encoder.Tokens[r.text])], [.. rows.Select(r => (long)r.task)]);
        var outputs = merge.Tasks.Max(t => t.Outputs);
        var alone = adapters.Select(adapter =>
        {
            using var own = new AdapterScores(adapter, encoder.Backbone);
            return own.Of(encoder.Tokens);
        }).ToArray();
        return Enumerable.Range(0, adapters.Length).Max(task =>
        {
            int[] own = [.. Enumerable.Range(0, rows.Length).Where(row => rows[row].task == task)];
            return MethodFixture.RelativeError([.. own.SelectMany(row => scores[(row * outputs)..(row * outputs + merge.Tasks[task].Outputs)])], [.. own.SelectMany(row => alone[task][rows[row].text])]);
        });
    }
}
