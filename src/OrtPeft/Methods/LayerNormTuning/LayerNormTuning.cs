namespace OrtPeft;

/// <summary>LN(x) = gamma (x - mean) / sqrt(variance + epsilon) + beta with gamma and beta trained.</summary>
static class LayerNormTuning
{
    internal static void Hook(HookScope scope, int layers)
    {
        foreach (var (name, norm) in scope.Norms(layers))
        {
            if (norm.Scale is { } scale)
                scope.TrainInPlace($"{name}.weight", scale);
            if (norm.Bias is { } bias)
                scope.TrainInPlace($"{name}.bias", bias);
        }
    }
}
