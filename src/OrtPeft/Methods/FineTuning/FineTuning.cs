namespace OrtPeft;

/// <summary>Trains the backbone's own weights.</summary>
static class FineTuning
{
    internal static void Hook(HookScope scope, int layers)
    {
        var entry = scope.Anatomy.Entry;
        if (layers == 0)
        {
            Train(scope, "embeddings.words.weight", entry.Words?.Table);
            Train(scope, "embeddings.positions.weight", entry.Positions?.Table);
            Train(scope, "embeddings.types.weight", entry.Types?.Table);
            Train(scope, "embeddings.projection", entry.Projection);
        }
        foreach (var (name, layer) in scope.Layers(layers))
        {
            foreach (var (role, linear) in EncoderRoles.Linears(layer))
                Train(scope, $"{name}.{role}", linear);
        }
        LayerNormTuning.Hook(scope, layers);
    }

    static void Train(HookScope scope, string name, LinearSite? linear)
    {
        Train(scope, $"{name}.weight", linear?.Weight);
        Train(scope, $"{name}.bias", linear?.Bias);
    }

    static void Train(HookScope scope, string name, ParameterSite? site)
    {
        if (site is not null)
            scope.TrainInPlace(name, site);
    }
}
