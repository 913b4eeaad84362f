namespace OrtPeft.Gradients;

/// <summary>Normalisations written as means, differences and products.</summary>
static class UnfuseNormalization
{
    /// <summary>With the running mean and variance: (x - mean) * scale / sqrt(variance + epsilon) + bias, per channel.</summary>
    internal static string?[] Batch(UnfuseScope s)
    {
        if (s.Attribute("training_mode", 0) != 0 || s.OutputCount > 1)
            throw s.Error("updates its statistics (training mode)");
        var factor = s.Div(s.Input(1), s.Sqrt(s.Add(s.Input(4), s.Attribute("epsilon", 1e-5f))));
        var centered = s.Sub(s.Input(0), PerChannel(s, s.Input(3)));
        return [s.Add(s.Mul(centered, PerChannel(s, factor)), PerChannel(s, s.Input(2)))];
    }

    internal static string?[] Instance(UnfuseScope s)
    {
        long[] space = [.. Enumerable.Range(2, s.RankOf(s.Input(0)) - 2).Select(i => (long)i)];
        var normal = Normalize(s, s.Input(0), space);
        return [s.Add(s.Mul(normal, PerChannel(s, s.Input(1))), PerChannel(s, s.Input(2)))];
    }

    /// <summary>Channels in groups; before opset 21 scale and bias are per group, from then on per channel.</summary>
    internal static string?[] Group(UnfuseScope s)
    {
        var x = s.Input(0);
        var groups = s.Attribute("num_groups", 1);
        var normal = Normalize(s, s.Reshape(x, s.Concat(0, s.DimOf(x, 0), s.Vector(groups, -1))), [2]);
        if (s.Opset < 21)
        {
            normal = s.Add(s.Mul(normal, s.Unsqueeze(s.Input(1), 1)), s.Unsqueeze(s.Input(2), 1));
            return [s.Reshape(normal, s.Shape(x))];
        }
        return [s.Add(s.Mul(s.Reshape(normal, s.Shape(x)), PerChannel(s, s.Input(1))), PerChannel(s, s.Input(2)))];
    }

    internal static string?[] Rms(UnfuseScope s) => [Rms(s, s.Input(0), s.Input(1), s.Attribute("epsilon", 1e-5f))];

    /// <summary>LayerNormalization(input + skip + bias); the sum is the fourth output.</summary>
    internal static string?[] SkipLayer(UnfuseScope s)
    {
        var sum = s.AddInput(s.Add(s.Input(0), s.Input(1)), 4);
        return [s.LayerNormalization(sum, s.Input(2), s.HasInput(3) ? s.Input(3) : null, s.Attribute("epsilon", 1e-12f)), null, null, sum];
    }

    internal static string?[] SkipRms(UnfuseScope s)
    {
        var sum = s.AddInput(s.Add(s.Input(0), s.Input(1)), 3);
        return [Rms(s, sum, s.Input(2), s.Attribute("epsilon", 1e-12f)), null, null, sum];
    }

    static string Rms(UnfuseScope s, string x, string scale, float epsilon) =>
        s.Mul(s.Div(x, s.Sqrt(s.Add(s.ReduceMean(s.Mul(x, x), -1), epsilon))), scale);

    static string Normalize(UnfuseScope s, string x, long[] axes)
    {
        var centered = s.Sub(x, s.ReduceMean(x, axes));
        var variance = s.ReduceMean(s.Mul(centered, centered), axes);
        return s.Div(centered, s.Sqrt(s.Add(variance, s.Attribute("epsilon", 1e-5f))));
    }

    /// <summary>[channels] as [channels, 1, ...], to stand beside [batch, channels, ...].</summary>
    static string PerChannel(UnfuseScope s, string x) =>
        s.Unsqueeze(x, [.. Enumerable.Range(1, s.RankOf(s.Input(0)) - 2).Select(i => (long)i)]);
}
