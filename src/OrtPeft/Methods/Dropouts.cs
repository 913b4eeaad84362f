using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A random 0/scale mask that training feeds in: its input's name, its shape (<see cref="Dropouts.Batch"/> and <see cref="Dropouts.Tokens"/> stand for those lengths) and the rate.</summary>
sealed record NoiseInput(string Name, long[] Shape, float Rate)
{
    internal long[] ShapeFor(int batch, int tokens) => [.. Shape.Select(d => d switch { Dropouts.Batch => batch, Dropouts.Tokens => tokens, _ => d })];

    /// <summary>
    /// The mask of <paramref name="count"/> examples from <paramref name="start"/> of a batch, whose mask of this step does not depend on how it is
    /// divided. The caller disposes it.
    /// </summary>
    internal OrtValue Draw(long seed, long step, int start, int count, int tokens)
    {
        var mask = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, ShapeFor(count, tokens));
        var values = mask.GetTensorMutableDataAsSpan<float>();
        new CounterRandom(seed, Name, step).Singles(Shape[0] == Dropouts.Batch ? (long)start * (values.Length / count) : 0, values);
        var keep = 1 / (1 - Rate);
        foreach (ref var value in values)
            value = value < Rate ? 0 : keep;
        return mask;
    }
}

/// <summary>
/// Inverted dropout (Srivastava et al. 2014) with the masks as inputs of the graph, so that training is repeatable on every execution provider;
/// nothing at all when predicting.
/// </summary>
/// <param name="training">Whether anything is dropped.</param>
/// <param name="rows">Name of the dimension that counts the graph's rows.</param>
sealed class Dropouts(bool training, string rows = "batch")
{
    /// <summary>Stand for lengths that are known with a batch only.</summary>
    internal const long Batch = 0, Tokens = -1;

    readonly List<NoiseInput> _inputs = [];

    internal IReadOnlyList<NoiseInput> Inputs => _inputs;

    /// <summary><paramref name="tensor"/> times a mask of <paramref name="shape"/>.</summary>
    internal string Apply(GraphBuilder g, string tensor, double rate, params long[] shape)
    {
        if (!training || rate == 0)
            return tensor;
        var noise = new NoiseInput($"dropout.{_inputs.Count}", shape, (float)rate);
        _inputs.Add(noise);
        return g.Mul(tensor, g.Input(noise.Name, OnnxType.Float, [.. shape.Select(d => d switch { Batch => rows, Tokens => "sequence", _ => (Dim)d })]));
    }
}
