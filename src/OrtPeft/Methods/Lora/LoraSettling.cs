namespace OrtPeft;

/// <summary>
/// A trained LoRA in its plain form: one rank for all layers, nothing taken from the weight. B A - B_0 A_0 = [B, -B_0] [A; A_0], and what a layer lacks to
/// the largest rank is zero; so whatever reads LoRA reads it.
/// </summary>
static class LoraSettling
{
    internal static (MethodOptions Options, IReadOnlyList<TrainedTensor> Tensors) Run(LoraOptions options, IReadOnlyList<TrainedTensor> tensors)
    {
        if (options.Found is null && options.Ranks.Length == 0)
            return (options, tensors);
        var factors = tensors.Where(t => IsA(t)).Select(a => (A: a, B: tensors.First(t => t.Name == a.Name[..^Lora.A.Length] + Lora.B))).ToArray();
        var rank = factors.Max(f => (int)f.A.Shape[0]) * (options.Found is null ? 1 : 2);
        var settled = options with { Rank = rank, Ranks = "", Alpha = options.Scale * rank, RankStabilized = false, Found = null };
        var plain = factors.SelectMany(f => Plain(f.A, f.B)).ToDictionary(t => t.Name);
        return (settled, [.. tensors.Select(t => plain.GetValueOrDefault(t.Name, t))]);

        TrainedTensor[] Plain(TrainedTensor a, TrainedTensor b)
        {
            var (own, inWidth, outWidth) = ((int)a.Shape[0], (int)a.Shape[1], (int)b.Shape[0]);
            var (allA, allB) = (new float[rank * inWidth], new float[outWidth * rank]);
            var factor = (float)(options.ScaleOf(own) / settled.Scale);
            Put(a.Values, b.Values, 0, factor);
            if (options.Found is { } start)
                Put(start.Value(a.Name, own, inWidth).Values, start.Value(b.Name, outWidth, own).Values, own, -factor);
            return [a with { Shape = [rank, inWidth], Values = allA }, b with { Shape = [outWidth, rank], Values = allB }];

            void Put(float[] fromA, float[] fromB, int at, float factor)
            {
                fromA.CopyTo(allA, at * inWidth);
                for (var i = 0; i < fromB.Length; i++)
                    allB[i / own * rank + at + i % own] = factor * fromB[i];
            }
        }
    }

    static bool IsA(TrainedTensor tensor) => tensor.Name.EndsWith(Lora.A, StringComparison.Ordinal);
}
