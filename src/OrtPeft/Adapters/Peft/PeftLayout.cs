namespace OrtPeft;

/// <summary>How trained tensors are called and laid out in peft's files.</summary>
static class PeftLayout
{
    internal const string Embeddings = "prompt_embeddings";

    /// <summary>Ends of our tensors' names and of peft's keys.</summary>
    static readonly (string Own, string Peft)[] Ends =
    [
        (Lora.A, ".lora_A.weight"), (Lora.B, ".lora_B.weight"), (Lora.Magnitude, ".lora_magnitude_vector"), (".input.scale", ".ia3_l"), (".scale", ".ia3_l"),
        (".weight", ".ln_tuning_layers.weight"), (".bias", ".ln_tuning_layers.bias"),
    ];

    /// <summary>The site that a tensor belongs to.</summary>
    internal static string SiteOf(string tensor) => tensor[..^EndOf(tensor).Own.Length];

    /// <summary>Key of a tensor inside the encoder, and its shape there: IA3's factors of outputs are columns, those of inputs rows.</summary>
    internal static (string Key, long[] Shape) Of(ModuleNames names, TrainedTensor tensor)
    {
        var end = EndOf(tensor.Name);
        long[] shape = end.Own switch
        {
            ".scale" => [tensor.Count, 1],
            ".input.scale" => [1, tensor.Count],
            _ => [.. tensor.Shape],
        };
        return (names.Require(SiteOf(tensor.Name)) + end.Peft, shape);
    }

    /// <summary>peft's [tokens, 2 layers, heads, width] of keys and values, layer by layer, from our [heads, tokens, width] each.</summary>
    internal static float[] JoinPrefix(IReadOnlyList<TrainedTensor> tensors)
    {
        var all = new float[tensors.Sum(t => t.Count)];
        MovePrefix(all, tensors, join: true);
        return all;
    }

    /// <summary>Fills our tensors from peft's.</summary>
    internal static void SplitPrefix(float[] all, IReadOnlyList<TrainedTensor> tensors) => MovePrefix(all, tensors, join: false);

    static void MovePrefix(float[] all, IReadOnlyList<TrainedTensor> tensors, bool join)
    {
        for (var slice = 0; slice < tensors.Count; slice++)
        {
            var (heads, tokens, width) = ((int)tensors[slice].Shape[0], (int)tensors[slice].Shape[1], (int)tensors[slice].Shape[2]);
            for (var head = 0; head < heads; head++)
            {
                for (var token = 0; token < tokens; token++)
                {
                    var there = all.AsSpan(((token * tensors.Count + slice) * heads + head) * width, width);
                    var own = tensors[slice].Values.AsSpan((head * tokens + token) * width, width);
                    if (join)
                        own.CopyTo(there);
                    else
                        there.CopyTo(own);
                }
            }
        }
    }

    static (string Own, string Peft) EndOf(string tensor) => Ends.First(e => tensor.EndsWith(e.Own, StringComparison.Ordinal));
}
