using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Sums something up over the steps of one epoch. The sum is a part of that epoch's checkpoint, so that a resumed run has it too.</summary>
interface IStepObserver
{
    /// <summary>The epoch whose steps are seen, from 1.</summary>
    int Epoch { get; }

    /// <summary>Sees a step before its update.</summary>
    void See(TrainingStep step);

    /// <summary>What was summed up, after the epoch.</summary>
    IReadOnlyList<TrainedTensor> Result { get; }
}

/// <summary>Values and gradients of one step, tensor by tensor in the order of <see cref="TunableGraph.Tensors"/>. Gradients are those of the batch's mean loss, not clipped.</summary>
readonly ref struct TrainingStep(OrtValue[] values, OrtValue[] gradients)
{
    internal ReadOnlySpan<float> Value(int tensor) => TrainingBuffers.Span(values[tensor]);

    internal ReadOnlySpan<float> Gradient(int tensor) => TrainingBuffers.Span(gradients[tensor]);
}
