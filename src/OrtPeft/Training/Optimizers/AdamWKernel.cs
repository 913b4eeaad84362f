using System.Numerics;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>
/// <see cref="AdamW"/> on the processor in one pass over memory, where standard operators need fourteen: a step on cached features is mostly
/// this. The parts are the same for any number of threads, and so are the bits.
/// </summary>
sealed class AdamWKernel : IOptimizer
{
    readonly TrainingBuffers _buffers;
    readonly GradientSum _gradients;
    readonly float _weightDecay;
    readonly double _clip;

    internal AdamWKernel(TrainingBuffers buffers, GradientSum gradients, TrainingOptions options)
    {
        _buffers = buffers;
        _gradients = gradients;
        _weightDecay = (float)options.WeightDecay!.Value;
        _clip = options.Clip;
    }

    public void Apply(float learningRate, long step)
    {
        var correction = Math.Sqrt(1 - Math.Pow(AdamW.Beta2, step));
        var scalars = new Scalars(
            GradientScale: _clip == 0 ? 1 : (float)Math.Min(1, _clip / (_gradients.Norm + 1e-6)),
            Rate: (float)(learningRate * correction / (1 - Math.Pow(AdamW.Beta1, step))),
            Epsilon: (float)(AdamW.Epsilon * correction),
            Keep: 1 - learningRate * _weightDecay);
        _gradients.ForEachPart((part, _) =>
            Update(part.Of(_buffers.Values), part.Of(_gradients.Values), part.Of(_buffers.Moments[0]), part.Of(_buffers.Moments[1]), scalars.Times(_buffers.Rate(part.Tensor))));
    }

    /// <summary>What all entries of a step share; see <see cref="AdamW"/> for the formula.</summary>
    readonly record struct Scalars(float GradientScale, float Rate, float Epsilon, float Keep)
    {
        /// <summary>The same at a multiple of the learning rate.</summary>
        internal Scalars Times(float rate) => rate == 1 ? this : this with { Rate = rate * Rate, Keep = 1 - rate * (1 - Keep) };
    }

    static void Update(Span<float> value, Span<float> gradient, Span<float> m, Span<float> v, in Scalars s)
    {
        var take1 = (float)(1 - AdamW.Beta1) * s.GradientScale;
        var take2 = (float)(1 - AdamW.Beta2) * s.GradientScale * s.GradientScale;
        const float keep1 = (float)AdamW.Beta1;
        const float keep2 = (float)AdamW.Beta2;
        var values = Vectors(value);
        var gradients = Vectors(gradient);
        var ms = Vectors(m);
        var vs = Vectors(v);
        var epsilon = new Vector<float>(s.Epsilon);
        for (var i = 0; i < values.Length; i++)
        {
            var g = gradients[i];
            ms[i] = ms[i] * keep1 + g * take1;
            vs[i] = vs[i] * keep2 + g * g * take2;
            values[i] = values[i] * s.Keep - ms[i] * s.Rate / (Vector.SquareRoot(vs[i]) + epsilon);
        }
        for (var i = values.Length * Vector<float>.Count; i < value.Length; i++)
        {
            var g = gradient[i];
            m[i] = m[i] * keep1 + g * take1;
            v[i] = v[i] * keep2 + g * g * take2;
            value[i] = value[i] * s.Keep - m[i] * s.Rate / (MathF.Sqrt(v[i]) + s.Epsilon);
        }
    }

    static Span<Vector<float>> Vectors(Span<float> values) => MemoryMarshal.Cast<float, Vector<float>>(values);

    public void Dispose()
    {
    }
}
