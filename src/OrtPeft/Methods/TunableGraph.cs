namespace OrtPeft;

/// <summary>What a method declares: where it reads the frozen backbone, what it trains, and how that becomes scores.</summary>
sealed record TunableGraph
{
    /// <summary>What of the frozen features enters; everything before it is computed once and cached.</summary>
    internal required FeatureView View { get; init; }

    /// <summary>The trained tensors with their values at the start.</summary>
    internal required IReadOnlyList<TrainedTensor> Tensors { get; init; }

    /// <summary>Builds the forward pass and returns the scores [batch, labels].</summary>
    internal required Func<HeadGraph, string> Forward { get; init; }

    /// <summary>Builds the loss from scores and one-hot labels, both [batch, labels]: the mean over the batch, a scalar.</summary>
    internal required Func<Graphs.GraphBuilder, string, string, string> Loss { get; init; }

    /// <summary>Operator set the head is written for.</summary>
    internal int Opset { get; init; } = HeadGraph.Opset;

    /// <summary>The artifacts it was read from, which bring their own optimizer; null for methods of this library.</summary>
    internal OrtArtifacts? Artifacts { get; init; }

    internal long Parameters => Tensors.Sum(t => t.Values.LongLength);
}
