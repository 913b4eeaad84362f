using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What a method declares: where it reads the frozen backbone, what it trains, and how that becomes scores.</summary>
sealed record TunableGraph
{
    /// <summary>The part of the backbone that is trained too, in front of the head; null where the whole backbone is frozen and its features are cached.</summary>
    internal TunedEncoder? Encoder { get; init; }

    /// <summary>What of the hidden states enters the head.</summary>
    internal required FeatureView View { get; init; }

    /// <summary>The trained tensors with their values at the start.</summary>
    internal required IReadOnlyList<TrainedTensor> Tensors { get; init; }

    /// <summary>Texts of one example; the pooled features of two stand side by side.</summary>
    internal int TextsPerExample { get; init; } = 1;

    /// <summary>How many of the last hidden states it reads, side by side.</summary>
    internal int Layers { get; init; } = 1;

    /// <summary>Values of one example, or of one token, that enter a head on a backbone of width <paramref name="hidden"/>.</summary>
    internal int Width(int hidden) => hidden * Layers * TextsPerExample;

    /// <summary>Builds the forward pass and returns the scores [batch, outputs], or [batch, sequence, outputs].</summary>
    internal required Func<HeadGraph, string> Forward { get; init; }

    /// <summary>Whether a linear head reads the features at length 1.</summary>
    internal bool UnitLength { get; init; }

    /// <summary>How right answers enter the loss.</summary>
    internal TargetKind Target { get; init; }

    /// <summary>Whether the loss is told what each item counts.</summary>
    internal bool Weighted { get; init; }

    /// <summary>Builds the loss from scores and targets of the same shape: the mean over the batch, a scalar.</summary>
    internal required LossBuilder Loss { get; init; }

    /// <summary>The loss of a head that answers the same whatever the text; null when that depends on the data.</summary>
    internal double? ChanceLoss { get; init; }

    /// <summary>Computes the tensors from all training examples at once, one way or several to choose from; null for a head that is trained step by step.</summary>
    internal Func<SolverInput, IEnumerable<Solution>>? Solve { get; init; }

    /// <summary>Operator set the head is written for.</summary>
    internal int Opset { get; init; } = HeadGraph.Opset;

    /// <summary>The artifacts it was read from, which bring their own optimizer; null for methods of this library.</summary>
    internal OrtArtifacts? Artifacts { get; init; }

    /// <summary>Opens a graph built from this; a backbone's weights go from their file to the runtime.</summary>
    internal InferenceSession OpenSession(OnnxModel graph, int intraOpThreads, ExecutionOptions? execution = null) => Encoder is null
        ? OrtSession.FromBytes(graph.ToBytes(), intraOpThreads, execution)
        : OrtSession.FromModel(graph, intraOpThreads, execution);

    /// <summary>The same with the values of a trained result.</summary>
    /// <exception cref="OrtPeftException">A tensor is missing or has another shape.</exception>
    internal TunableGraph With(IReadOnlyList<TrainedTensor> trained) => this with
    {
        Tensors = [.. Tensors.Select(expected => trained.FirstOrDefault(t => t.Name == expected.Name && t.Shape.SequenceEqual(expected.Shape))
            ?? throw new OrtPeftException($"The adapter has no tensor '{expected.Name}' of shape [{string.Join(", ", expected.Shape)}]. It is damaged; train again."))],
    };

    /// <summary>The same with other values at the start, where a tensor of that name and shape is given.</summary>
    internal TunableGraph StartingFrom(IReadOnlyList<TrainedTensor> values) => this with
    {
        Tensors = [.. Tensors.Select(own => values.FirstOrDefault(v => v.Name == own.Name && v.Shape.SequenceEqual(own.Shape)) is { } value ? own with { Values = value.Values } : own)],
    };

    /// <summary>The trained tensors that are not of the encoder.</summary>
    internal IEnumerable<TrainedTensor> HeadTensors => Encoder is null ? Tensors : Tensors.ExceptBy(Encoder.Tensors.Select(t => t.Name), t => t.Name);

    /// <summary>Values that earlier stages have trained and that the result keeps.</summary>
    internal long TrainedEarlier { get; init; }

    /// <summary>Values that are trained.</summary>
    internal long Parameters => Tensors.Sum(t => t.Count);
}
