using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A written model from token ids to scores, opened again to see what it computes.</summary>
sealed class ExportedModel(string path, Backbone backbone, string scores) : IDisposable
{
    readonly InferenceSession _session = OrtSession.FromFile(path, intraOpThreads: 1);
    readonly RunOptions _runOptions = new();

    /// <summary>The scores of some texts, one after the other; of several tasks where the model has them.</summary>
    internal float[] Scores(TokenIds[] tokens, long[]? taskIds = null)
    {
        var length = tokens.Max(t => t.Length);
        var feeds = _session.InputNames.ToDictionary(name => name, name => name == TaskStacks.TaskIdInput
            ? OrtValue.CreateTensorValueFromMemory(taskIds!, [tokens.Length])
            : TextInput(name, tokens, length));
        try
        {
            using var outputs = _session.Run(_runOptions, feeds, [scores]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var value in feeds.Values)
                value.Dispose();
        }
    }

    /// <summary>Texts of the given lengths.</summary>
    internal static TokenIds[] RandomTokens(Backbone backbone, CounterRandom random, IEnumerable<int> lengths) =>
        [.. lengths.Select(l => new TokenIds([.. Enumerable.Range(0, l).Select(_ => random.NextInt32(backbone.RequireTokenizer().VocabularySize))]))];

    OrtValue TextInput(string name, TokenIds[] tokens, int length)
    {
        var values = new long[tokens.Length * length];
        TokenIds.Fill(backbone, name, tokens, length, values);
        return OrtValue.CreateTensorValueFromMemory(values, [tokens.Length, length]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }
}
