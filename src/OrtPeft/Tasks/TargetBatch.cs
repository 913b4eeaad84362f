using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>The right answers of one batch, ready for the runtime: classes or values, and where it matters what each counts.</summary>
sealed class TargetBatch
{
    readonly long[] _classes;
    readonly float[] _values;
    readonly float[] _weights;
    readonly int _rows;
    readonly bool _flat;

    internal TargetBatch(TargetKind kind, int rows, int rowLength, bool weighted)
    {
        _rows = rows;
        RowLength = rowLength;
        Weighted = weighted;
        _flat = kind is TargetKind.Class or TargetKind.Level;
        _classes = kind == TargetKind.Values ? [] : new long[rows * rowLength];
        _values = kind == TargetKind.Values ? new float[rows * rowLength] : [];
        _weights = weighted ? new float[rows * rowLength] : [];
    }

    /// <summary>Classes or values of one example.</summary>
    internal int RowLength { get; }

    internal bool Weighted { get; }

    internal Span<long> Classes => _classes;

    internal Span<float> Values => _values;

    internal Span<float> Weights => _weights;

    /// <summary>What <paramref name="count"/> examples from <paramref name="start"/> count together: their share of the batch's loss.</summary>
    internal double Mass(int start, int count)
    {
        if (!Weighted)
            return count;
        double mass = 0;
        foreach (var weight in Weights.Slice(start * RowLength, count * RowLength))
            mass += weight;
        return mass;
    }

    internal double Mass() => Mass(0, _rows);

    /// <summary>The inputs of a training graph for <paramref name="count"/> examples from <paramref name="start"/>; the caller disposes them.</summary>
    internal IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count)
    {
        var memory = OrtMemoryInfo.DefaultInstance;
        var (from, length) = (start * RowLength, count * RowLength);
        long[] shape = _flat ? [count] : [count, RowLength];
        yield return (TrainingGraph.LabelsInput, _values.Length > 0
            ? OrtValue.CreateTensorValueFromMemory(memory, _values.AsMemory(from, length), shape)
            : OrtValue.CreateTensorValueFromMemory(memory, _classes.AsMemory(from, length), shape));
        if (Weighted)
            yield return (TrainingGraph.WeightsInput, OrtValue.CreateTensorValueFromMemory(memory, _weights.AsMemory(from, length), shape));
    }
}
