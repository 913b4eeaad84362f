using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Frozen features of one batch, ready for the runtime, with the examples' places in their set. Owns pooled memory.</summary>
sealed class FeatureBatch : TrainingBatch
{
    readonly float[] _features;
    readonly float[]? _mask;

    internal FeatureBatch(IReadOnlyList<int> examples, int length, int width, FeatureView view)
        : base(examples, length)
    {
        Width = width;
        View = view;
        var tokens = view == FeatureView.Tokens;
        Shape = tokens ? [examples.Count, length, width] : [examples.Count, width];
        _features = System.Buffers.ArrayPool<float>.Shared.Rent(Count);
        _mask = tokens ? System.Buffers.ArrayPool<float>.Shared.Rent(examples.Count * length) : null;
    }

    internal FeatureView View { get; }

    internal int Width { get; }

    internal long[] Shape { get; }

    internal Span<float> Features => _features.AsSpan(0, Count);

    internal Span<float> Mask => _mask.AsSpan(0, Size * Length);

    internal Span<long> Labels => Targets.Classes;

    /// <summary>Puts the hidden states of one example, row-major [tokens, width], into a row, pooled or padded as the view demands.</summary>
    internal void SetExample(int row, ReadOnlySpan<float> values)
    {
        if (View != FeatureView.Tokens)
        {
            Pooling.Pool(View, values, Features.Slice(row * Width, Width));
            return;
        }
        values.CopyTo(Tokens(row, values.Length / Width));
    }

    /// <summary>Where the hidden states of the <paramref name="tokens"/> tokens of a row go, row-major [tokens, width]; what lies behind becomes padding.</summary>
    internal Span<float> Tokens(int row, int tokens)
    {
        var mask = Mask.Slice(row * Length, Length);
        mask[..tokens].Fill(1);
        mask[tokens..].Clear();
        var target = Features.Slice(row * Length * Width, Length * Width);
        target[(tokens * Width)..].Clear();
        return target[..(tokens * Width)];
    }

    /// <summary>The mean feature vector of one example, padding left out.</summary>
    internal float[] Mean(int row)
    {
        var mean = new float[Width];
        var values = Features.Slice(row * Features.Length / Size, Features.Length / Size);
        var tokens = View == FeatureView.Tokens ? (int)TensorPrimitives.Sum<float>(Mask.Slice(row * Length, Length)) : 1;
        for (var token = 0; token < tokens; token++)
            TensorPrimitives.Add(mean, values.Slice(token * Width, Width), mean);
        TensorPrimitives.Divide(mean, Math.Max(1, tokens), mean);
        return mean;
    }

    /// <inheritdoc/>
    internal override IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count)
    {
        var memory = OrtMemoryInfo.DefaultInstance;
        var row = Count / Size;
        yield return (HeadGraph.FeaturesInput, OrtValue.CreateTensorValueFromMemory(memory, _features.AsMemory(start * row, count * row), [count, .. Shape[1..]]));
        if (_mask != null)
            yield return (HeadGraph.MaskInput, OrtValue.CreateTensorValueFromMemory(memory, _mask.AsMemory(start * Length, count * Length), [count, Length]));
    }

    /// <inheritdoc/>
    internal override string? FirstNonFinite() => NonFinite.First([new TrainedTensor("features", Shape, Features.ToArray())]);

    int Count => (int)Shape.Aggregate(1L, (a, b) => a * b);

    public override void Dispose()
    {
        System.Buffers.ArrayPool<float>.Shared.Return(_features);
        if (_mask != null)
            System.Buffers.ArrayPool<float>.Shared.Return(_mask);
    }
}
