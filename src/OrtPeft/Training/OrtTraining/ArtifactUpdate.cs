using System.Numerics.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// What the training runtime's optimizer operators do, by their formulas, confirmed against the runtime. t = step from 1, c1 = 1 - beta1^t,
/// c2 = 1 - beta2^t (both 1 without bias correction), m and v the moments:
/// mode 0: w = w (1 - lr wd) - lr m / (c1 (sqrt(v / c2) + eps)); mode 1: w = (w - lr sqrt(c2) / c1 m / (sqrt(v) + eps)) (1 - lr wd);
/// SGD: w = w - lr g. Clipping scales all gradients by min(1, limit / (norm + 1e-6)), in the buffers themselves.
/// </summary>
sealed class ArtifactUpdate
{
    readonly ArtifactOptimizer _optimizer;
    readonly float[][][] _moments;
    long _step;
    float _learningRate = 1e-3f;

    internal ArtifactUpdate(ArtifactOptimizer optimizer, IReadOnlyList<int> lengths)
    {
        _optimizer = optimizer;
        Gradients = Allocate();
        _moments = [.. optimizer.Moments.Select(_ => Allocate())];

        float[][] Allocate() => [.. lengths.Select(l => new float[l])];
    }

    internal float[][] Gradients { get; }

    /// <summary>Values of a trained tensor, by its place.</summary>
    internal delegate Span<float> ValuesOf(int tensor);

    internal void Apply(ValuesOf values, float learningRate)
    {
        _step++;
        _learningRate = learningRate;
        Clip();
        for (var i = 0; i < Gradients.Length; i++)
        {
            if (_optimizer.IsAdamW)
                AdamW(values(i), Gradients[i], _moments[0][i], _moments[1][i], learningRate);
            else
                TensorPrimitives.MultiplyAdd(Gradients[i], -learningRate, values(i), values(i));
        }
    }

    void AdamW(Span<float> w, ReadOnlySpan<float> g, Span<float> m, Span<float> v, float learningRate)
    {
        var o = _optimizer;
        var c1 = o.CorrectBias ? 1 - Math.Pow(o.Beta1, _step) : 1;
        var c2 = o.CorrectBias ? 1 - Math.Pow(o.Beta2, _step) : 1;
        // Both modes are rate * m / (sqrt(v) + epsilon): mode 0 multiplied by sqrt(c2) / sqrt(c2).
        var rate = (float)(learningRate * Math.Sqrt(c2) / c1);
        var epsilon = o.Mode == 0 ? (float)(o.Epsilon * Math.Sqrt(c2)) : o.Epsilon;
        var keep = 1 - learningRate * o.WeightDecay;
        for (var i = 0; i < w.Length; i++)
        {
            m[i] = o.Beta1 * m[i] + (1 - o.Beta1) * g[i];
            v[i] = o.Beta2 * v[i] + (1 - o.Beta2) * g[i] * g[i];
            var change = rate * m[i] / (MathF.Sqrt(v[i]) + epsilon);
            w[i] = o.Mode == 0 ? w[i] * keep - change : (w[i] - change) * keep;
        }
    }

    void Clip()
    {
        if (_optimizer.Clip <= 0)
            return;
        var norm = Math.Sqrt(Gradients.Sum(g => (double)TensorPrimitives.SumOfSquares<float>(g)));
        var scale = (float)Math.Min(1, _optimizer.Clip / (norm + 1e-6));
        foreach (var gradient in Gradients)
            TensorPrimitives.Multiply(gradient, scale, gradient);
    }

    /// <summary>The state as a checkpoint holds it; SGD has a moment there too, of zeros.</summary>
    internal OrtOptimizerGroup Read(IReadOnlyList<OnnxTensor> trainable) => new(OrtOptimizerGroup.OnlyName, _step, _learningRate,
        trainable.Select((t, i) => (t, i)).ToDictionary(p => p.t.Name, p => (IReadOnlyList<OnnxTensor>)(_optimizer.IsAdamW
            ? [.. _optimizer.Moments.Select((name, m) => OnnxTensor.FromFloats(name, _moments[m][p.i], p.t.Dims))]
            : [OnnxTensor.FromFloats("momentum0", new float[p.t.ElementCount], p.t.Dims)])));

    /// <summary>Takes over a state; without one everything begins at zero.</summary>
    /// <exception cref="OrtPeftException">It is not the state of these parameters.</exception>
    internal void Write(IReadOnlyList<OnnxTensor> trainable, OrtOptimizerGroup? group)
    {
        _step = group?.Step ?? 0;
        for (var m = 0; m < _moments.Length; m++)
        {
            for (var i = 0; i < trainable.Count; i++)
            {
                var target = _moments[m][i];
                if (group is null || group.Moments.Count == 0)
                    Array.Clear(target);
                else if (group.Moments.GetValueOrDefault(trainable[i].Name)?.FirstOrDefault(t => t.Name == _optimizer.Moments[m]) is { } moment
                    && moment.ElementType == OnnxType.Float && moment.Dims.SequenceEqual(trainable[i].Dims))
                    moment.ReadFloats(0, target);
                else
                    throw new OrtPeftException($"The checkpoint's optimizer state has no {_optimizer.Moments[m]} of '{trainable[i].Name}' {trainable[i]}. Save it without the optimizer's state to begin anew.");
            }
        }
    }
}
