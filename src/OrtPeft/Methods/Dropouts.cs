using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A random mask of what is kept that training feeds in: its input's name, its shape (<see cref="Dropouts.Batch"/> and <see cref="Dropouts.Tokens"/> stand for those lengths) and the rate.</summary>
sealed record NoiseInput(string Name, long[] Shape, float Rate)
{
    const int DrawnAtOnce = 4096;

    /// <summary>What is kept grows by this factor, so that the expected value stays.</summary>
    internal float Scale => 1 / (1 - Rate);

    internal long[] ShapeFor(int batch, int tokens) => [.. Shape.Select(d => d switch { Dropouts.Batch => batch, Dropouts.Tokens => tokens, _ => d })];

    /// <summary>
    /// The mask of <paramref name="count"/> examples from <paramref name="start"/> of a batch, whose mask of this step does not depend on how it is
    /// divided. The caller disposes it.
    /// </summary>
    internal OrtValue Draw(long seed, long step, int start, int count, int tokens)
    {
        var mask = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Bool, ShapeFor(count, tokens));
        var kept = mask.GetTensorMutableDataAsSpan<bool>();
        var random = new CounterRandom(seed, Name, step);
        var first = Shape[0] == Dropouts.Batch ? (long)start * (kept.Length / count) : 0;
        Span<float> drawn = stackalloc float[DrawnAtOnce];
        for (var done = 0; done < kept.Length; done += DrawnAtOnce)
        {
            var part = drawn[..Math.Min(DrawnAtOnce, kept.Length - done)];
            random.Singles(first + done, part);
            for (var i = 0; i < part.Length; i++)
                kept[done + i] = part[i] >= Rate;
        }
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

    /// <summary><paramref name="tensor"/>, scaled, where a mask of <paramref name="shape"/> keeps it, elsewhere 0. A byte an entry: masks live until the gradient has passed.</summary>
    internal string Apply(GraphBuilder g, string tensor, double rate, params long[] shape)
    {
        if (!training || rate == 0)
            return tensor;
        var noise = new NoiseInput($"dropout.{_inputs.Count}", shape, (float)rate);
        _inputs.Add(noise);
        var kept = g.Input(noise.Name, OnnxType.Bool, [.. shape.Select(d => d switch { Batch => rows, Tokens => "sequence", _ => (Dim)d })]);
        return g.Where(kept, g.Mul(tensor, noise.Scale), g.Scalar(0, tensor));
    }
}
