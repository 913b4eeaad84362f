namespace OrtPeft;

/// <summary>The pooler that a backbone came with: a linear layer [width, width] on the first token, with tanh behind it.</summary>
/// <param name="Weight">[out, in].</param>
/// <param name="Bias">[out].</param>
sealed record PoolerWeights(float[] Weight, float[] Bias)
{
    /// <summary>That of the graph, else of the `model.safetensors` beside it, which Hugging Face's folders have; null when there is none.</summary>
    internal static PoolerWeights? Find(Backbone backbone) => OfGraph(backbone) ?? OfFolder(backbone);

    static PoolerWeights? OfGraph(Backbone backbone)
    {
        if (EncoderAnatomy.Of(backbone).Pooler is not { IsQuantized: false, Bias: { } bias } site || site.InWidth != backbone.Hidden || site.OutWidth != backbone.Hidden)
            return null;
        var (matrix, width) = (new WeightMatrix(site.Weight.Tensor.ToFloats(), site), backbone.Hidden);
        var weight = new float[width * width];
        for (var i = 0; i < weight.Length; i++)
            weight[i] = matrix[i % width, i / width];
        return new PoolerWeights(weight, bias.Tensor.ToFloats());
    }

    static PoolerWeights? OfFolder(Backbone backbone)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(backbone.ModelPath))!, "model.safetensors");
        if (!File.Exists(path) || ModuleNames.PoolerOf(backbone.Family) is not { } module)
            return null;
        using var file = SafetensorsFile.Open(path);
        var weight = file.Tensors.Values.FirstOrDefault(t => $".{t.Name}".EndsWith($".{module}.weight", StringComparison.Ordinal));
        if (weight is null || !file.Tensors.TryGetValue(weight.Name[..^"weight".Length] + "bias", out var bias))
            return null;
        if (!weight.Shape.SequenceEqual([backbone.Hidden, backbone.Hidden]) || !bias.Shape.SequenceEqual([backbone.Hidden]))
            throw new OrtPeftException($"'{path}': the pooler has the shapes [{string.Join(", ", weight.Shape)}] and [{string.Join(", ", bias.Shape)}]; '{backbone.Name}' has width {backbone.Hidden}. It belongs to another model.");
        return new PoolerWeights(file.ReadSingles(weight.Name), file.ReadSingles(bias.Name));
    }
}
