using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A written model from token ids or pixels to scores, opened again to see what it computes.</summary>
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
            : Input(name, tokens, length));
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

    /// <summary>Texts of the given lengths, or as many images of random grey levels.</summary>
    internal static TokenIds[] RandomTokens(Backbone backbone, CounterRandom random, IEnumerable<int> lengths)
    {
        const int Side = 32;
        return [.. lengths.Select(length => backbone.Images is null
            ? new TokenIds([.. Enumerable.Range(0, length).Select(_ => random.NextInt32(backbone.RequireTokenizer().VocabularySize))])
            : backbone.Read(new Example { Id = "", Image = ImageSource.FromPixels([.. Enumerable.Range(0, Side * Side).Select(_ => (float)random.NextInt32(256))], Side, Side) }, length))];
    }

    OrtValue Input(string name, TokenIds[] tokens, int length)
    {
        if (backbone.Images?.RequirePreparation() is { } preparation)
        {
            var pixels = new float[tokens.Length * preparation.Count];
            for (var i = 0; i < tokens.Length; i++)
                preparation.Prepare(tokens[i].Image!, pixels.AsSpan(i * preparation.Count, preparation.Count));
            return OrtValue.CreateTensorValueFromMemory(pixels, [tokens.Length, preparation.Channels, preparation.Result.Height, preparation.Result.Width]);
        }
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
