using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>The runtime's buffers of everything that training changes: values and moments, tensor by tensor. Allocated once.</summary>
sealed class TrainingBuffers : IDisposable
{
    readonly IReadOnlyList<TrainedTensor> _initial;
    readonly TensorMemory _memory;

    /// <param name="initial">The tensors with their first values.</param>
    /// <param name="moments">What is remembered of each.</param>
    /// <param name="memory">Where they lie; null for the processor's memory.</param>
    internal TrainingBuffers(IReadOnlyList<TrainedTensor> initial, IReadOnlyList<Moment> moments, TensorMemory? memory = null)
    {
        _initial = initial;
        _memory = memory ?? new HostMemory();
        MomentNames = [.. moments.Select(m => m.Name)];
        Values = Allocate();
        Moments = [.. moments.Select(m => Allocate(m.Shape))];
        Write(new TrainingState(0, initial, new Dictionary<string, IReadOnlyList<TrainedTensor>>()));
    }

    internal int Count => _initial.Count;

    internal IReadOnlyList<string> MomentNames { get; }

    internal OrtValue[] Values { get; }

    /// <summary>One array of tensors for each name in <see cref="MomentNames"/>.</summary>
    internal OrtValue[][] Moments { get; }

    internal string Name(int tensor) => _initial[tensor].Name;

    /// <summary>The tensor's learning rate as a multiple of the run's.</summary>
    internal float Rate(int tensor) => (float)_initial[tensor].Rate;

    internal int Length(int tensor) => _initial[tensor].Values.Length;

    /// <summary>A copy of values and moments.</summary>
    internal TrainingState Read(long step) =>
        new(step, Copy(Values), MomentNames.Select((name, m) => (name, Copy(Moments[m]))).ToDictionary());

    /// <summary>Takes the values of <paramref name="state"/>; moments that it does not have become zero.</summary>
    internal void Write(TrainingState state)
    {
        Paste(state.Values, Values);
        for (var m = 0; m < MomentNames.Count; m++)
        {
            if (state.Moments.TryGetValue(MomentNames[m], out var moments))
                Paste(moments, Moments[m]);
            else
                Array.ForEach(Moments[m], buffer => _memory.Write(new float[buffer.GetTensorTypeAndShape().ElementCount], buffer));
        }
    }

    /// <summary>The numbers of a buffer in the processor's memory.</summary>
    internal static Span<float> Span(OrtValue buffer) => buffer.GetTensorMutableDataAsSpan<float>();

    /// <summary>A copy of buffers, tensor by tensor.</summary>
    internal IReadOnlyList<TrainedTensor> Copy(OrtValue[] buffers) => [.. _initial.Select((tensor, i) => new TrainedTensor(tensor.Name, buffers[i].GetTensorTypeAndShape().Shape, _memory.Read(buffers[i])))];

    internal void Paste(IReadOnlyList<TrainedTensor> tensors, OrtValue[] buffers)
    {
        for (var i = 0; i < buffers.Length; i++)
            _memory.Write(tensors[i].Values, buffers[i]);
    }

    /// <summary>A buffer of the shape of each tensor; the caller disposes them.</summary>
    internal OrtValue[] Allocate() => Allocate(shape => shape);

    OrtValue[] Allocate(Func<IReadOnlyList<long>, IReadOnlyList<long>> shapeFor) =>
        [.. _initial.Select(t => _memory.Allocate(shapeFor(t.Shape)))];

    public void Dispose()
    {
        foreach (var buffer in Values.Concat(Moments.SelectMany(m => m)))
            buffer.Dispose();
    }
}
