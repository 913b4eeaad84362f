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

    static PoolerWeights? OfFolder(Backbone backbone) => ModuleNames.PoolerOf(backbone.Family) is { } module
        && PyTorchWeights.Find(backbone, $"{module}.weight", backbone.Hidden, backbone.Hidden) is { } weight
        && PyTorchWeights.Find(backbone, $"{module}.bias", backbone.Hidden) is { } bias ? new PoolerWeights(weight, bias) : null;
}
