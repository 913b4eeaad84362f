using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What can be told of an encoder from its graph: its inputs, its last hidden state, its size.</summary>
static class Anatomy
{
    static readonly Dictionary<string, TextInputRole> Roles = new()
    {
        ["input_ids"] = TextInputRole.Ids,
        ["attention_mask"] = TextInputRole.Mask,
        ["token_type_ids"] = TextInputRole.TypeIds,
    };

    /// <summary>The inputs with their meaning.</summary>
    internal static Dictionary<string, TextInputRole> TextInputs(BackboneFolder files, OnnxModel model)
    {
        var weights = model.Graph.Initializers.Select(i => i.Name).ToHashSet();
        var inputs = model.Graph.Inputs.Where(i => !weights.Contains(i.Name)).ToArray();
        var unknown = inputs.FirstOrDefault(i => !Roles.ContainsKey(i.Name) || i.ElementType != OnnxType.Int64);
        if (unknown != null || inputs.All(i => i.Name != "input_ids"))
        {
            throw new NotATextEncoderException($"'{files.ModelPath}' is not a text encoder that this version runs: its inputs are " +
                $"{string.Join("; ", inputs.Select(i => i.ToString()))}. Expected int64 {string.Join(", ", Roles.Keys)} (the last two may be missing).");
        }
        return inputs.ToDictionary(i => i.Name, i => Roles[i.Name]);
    }

    /// <summary>The output [batch, sequence, hidden] and its width: the one called last_hidden_state, else the first of rank 3.</summary>
    internal static (string Name, int Hidden) LastHiddenState(BackboneFolder files, OnnxModel model)
    {
        var candidates = model.Graph.Outputs.Where(o => o.ElementType == OnnxType.Float && o.Shape is { Count: 3 } shape && shape[2].IsKnown).ToArray();
        var output = candidates.FirstOrDefault(o => o.Name == "last_hidden_state") ?? candidates.FirstOrDefault();
        if (output is null)
        {
            throw new NotATextEncoderException($"'{files.ModelPath}' has no output of shape float32 [batch, sequence, width]; its outputs are " +
                $"{string.Join("; ", model.Graph.Outputs.Select(o => o.ToString()))}. Export the encoder without pooling.");
        }
        return (output.Name, (int)output.Shape![2].Value);
    }

    /// <summary>Elements of all floating-point weights.</summary>
    internal static long Parameters(OnnxModel model) => model.Graph.Initializers.Where(i => i.ElementType.IsFloat()).Sum(i => i.ElementCount);
}
