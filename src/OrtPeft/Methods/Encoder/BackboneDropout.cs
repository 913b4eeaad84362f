namespace OrtPeft;

/// <summary>
/// Dropout where encoders have it when they are pre-trained (hidden_dropout_prob): behind the embeddings, and on what attention and feed-forward network
/// add to the residual stream. Exported graphs have none.
/// </summary>
static class BackboneDropout
{
    internal static void Hook(HookScope scope, int layers, double rate)
    {
        if (rate == 0)
            return;
        foreach (var (name, layer) in scope.Layers(layers))
        {
            if (layer.Index == 0)
                scope.After(scope.Require(layer.Input, name), Drop);
            scope.After(scope.Require(layer.AttentionOutput, $"{name}.{EncoderRoles.AttentionOutput}"), name, Drop);
            scope.After(scope.Require(layer.FeedForwardOut, $"{name}.{EncoderRoles.FeedForwardOut}"), name, Drop);
        }

        string Drop(string x) => scope.Dropout(x, rate, Dropouts.Batch, Dropouts.Tokens, scope.Backbone.Hidden);
    }
}
