using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A model from token ids or pixels to scores, open to run. Safe to use from many threads.</summary>
/// <param name="session">The model; disposed with this.</param>
/// <param name="backbone">The backbone it was made of, which knows what its text inputs are.</param>
/// <param name="active">An adapter that every run brings with it; null when all is in the model.</param>
sealed class ScoringSession(InferenceSession session, Backbone backbone, OrtLoraAdapter? active = null) : IDisposable
{
    readonly RunOptions _runOptions = OptionsWith(active);

    /// <summary>The scores of some texts, one after the other: [rows x outputs].</summary>
    /// <param name="tokens">The texts.</param>
    /// <param name="taskIds">The task of each text, where the model has several.</param>
    /// <param name="stacks">The tensors of all tasks, where they are inputs of the model.</param>
    internal float[] Scores(EncodedExample[] tokens, long[]? taskIds = null, IReadOnlyDictionary<string, OrtValue>? stacks = null)
    {
        var length = tokens.Max(t => t.Length);
        var own = session.InputNames.Where(name => stacks?.ContainsKey(name) != true).ToDictionary(name => name, name => name == TaskStacks.TaskIdInput
            ? OrtValue.CreateTensorValueFromMemory(taskIds!, [tokens.Length])
            : Input(name, tokens, length));
        try
        {
            using var outputs = session.Run(_runOptions, own.Concat(stacks ?? new Dictionary<string, OrtValue>()).ToDictionary(), [session.OutputNames[0]]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var value in own.Values)
                value.Dispose();
        }
    }

    OrtValue Input(string name, EncodedExample[] tokens, int length)
    {
        if (backbone.Images?.RequirePreparation() is { } preparation)
        {
            var pixels = new float[tokens.Length * preparation.Count];
            for (var i = 0; i < tokens.Length; i++)
                preparation.Prepare(tokens[i].Image!, pixels.AsSpan(i * preparation.Count, preparation.Count));
            return OrtValue.CreateTensorValueFromMemory(pixels, [tokens.Length, preparation.Channels, preparation.Result.Height, preparation.Result.Width]);
        }
        var values = new long[tokens.Length * length];
        EncodedExample.Fill(backbone, name, tokens, length, values);
        return OrtValue.CreateTensorValueFromMemory(values, [tokens.Length, length]);
    }

    static RunOptions OptionsWith(OrtLoraAdapter? active)
    {
        var options = new RunOptions();
        if (active is not null)
            options.AddActiveLoraAdapter(active);
        return options;
    }

    public void Dispose()
    {
        session.Dispose();
        _runOptions.Dispose();
    }
}
