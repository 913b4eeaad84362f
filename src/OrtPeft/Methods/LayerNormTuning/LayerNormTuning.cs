namespace OrtPeft;

/// <summary>LN(x) = gamma (x - mean) / sqrt(variance + epsilon) + beta with gamma and beta trained.</summary>
static class LayerNormTuning
{
    internal static void Hook(HookScope scope, int layers)
    {
        if (layers == 0 && scope.Anatomy.Entry.Norm is { } embeddings)
            Train(scope, "embeddings.norm", embeddings);
        foreach (var (name, layer) in scope.Layers(layers))
        {
            foreach (var (role, norm) in EncoderRoles.Norms(layer))
                Train(scope, $"{name}.{role}", norm);
        }
        if (scope.Anatomy.FinalNorm is { } final)
            Train(scope, "final.norm", final);
    }

    static void Train(HookScope scope, string name, NormSite norm)
    {
        if (norm.Scale is { } scale)
            scope.TrainInPlace($"{name}.weight", scale);
        if (norm.Bias is { } bias)
            scope.TrainInPlace($"{name}.bias", bias);
    }
}
