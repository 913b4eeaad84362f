using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What can be told of an encoder from its graph: its inputs, its last hidden state, its size.</summary>
static class Anatomy
{
    static readonly Dictionary<string, InputRole> Roles = new()
    {
        ["input_ids"] = InputRole.Ids,
        ["attention_mask"] = InputRole.Mask,
        ["token_type_ids"] = InputRole.TypeIds,
    };

    /// <summary>The inputs with their meaning: those of a text encoder, or the one of an image encoder.</summary>
    internal static Dictionary<string, InputRole> InputNames(BackboneFolder files, OnnxModel model)
    {
        var weights = model.Graph.Initializers.Select(i => i.Name).ToHashSet();
        var inputs = model.Graph.Inputs.Where(i => !weights.Contains(i.Name)).ToArray();
        if (inputs is [{ Name: "pixel_values", ElementType: OnnxType.Float, Shape.Count: 4 } pixels])
            return new() { [pixels.Name] = InputRole.Pixels };
        var unknown = inputs.FirstOrDefault(i => !Roles.ContainsKey(i.Name) || i.ElementType != OnnxType.Int64);
        if (unknown != null || inputs.All(i => i.Name != "input_ids"))
        {
            throw new NotAnEncoderException($"'{files.ModelPath}' is not an encoder that this version runs: its inputs are " +
                $"{string.Join("; ", inputs.Select(i => i.ToString()))}. Expected int64 {string.Join(", ", Roles.Keys)} (the last two may be missing), or float pixel_values [batch, channels, height, width].");
        }
        return inputs.ToDictionary(i => i.Name, i => Roles[i.Name]);
    }

    /// <summary>The output [batch, sequence, hidden] and its width: the one called last_hidden_state, else the first of rank 3.</summary>
    internal static (string Name, int Hidden) LastHiddenState(BackboneFolder files, OnnxModel model)
    {
        var candidates = Candidates(model.Graph.Outputs);
        if (candidates.Length == 0)
        {
            var shapes = ShapeInference.Infer(model); // exporters declare less than can be known
            candidates = Candidates(model.Graph.Outputs.Select(o => shapes[o.Name]));
        }
        var output = candidates.FirstOrDefault(o => o.Name == "last_hidden_state") ?? candidates.FirstOrDefault();
        if (output is null)
        {
            throw new NotAnEncoderException($"'{files.ModelPath}' has no output of shape float32 [batch, sequence, width]; its outputs are " +
                $"{string.Join("; ", model.Graph.Outputs.Select(o => o.ToString()))}. Export the encoder without pooling.");
        }
        return (output.Name, (int)output.Shape![2].Value);
    }

    static OnnxValueInfo[] Candidates(IEnumerable<OnnxValueInfo> outputs) =>
        [.. outputs.Where(o => o.ElementType == OnnxType.Float && o.Shape is { Count: 3 } shape && shape[2].IsKnown)];

    /// <summary>Elements of all floating-point weights.</summary>
    internal static long Parameters(OnnxModel model) => model.Graph.Initializers.Where(i => i.ElementType.IsFloat()).Sum(i => i.ElementCount);
}
