using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace OrtPeft;

/// <summary>|W|^2 / 2 + C sum_i w_i loss_i, divided by the number of examples, with its gradient. Parameters: W row by row, then b.</summary>
sealed class LogisticObjective(LearningTask task, SolverInput input)
{
    /// <summary>Examples summed by one thread; the same for any number of threads, so that the bits are.</summary>
    const int Block = 512;

    readonly int _outputs = task.Outputs;
    readonly int _width = input.Width;

    internal int Parameters => _outputs * (_width + 1);

    internal (double Value, Vector<double> Gradient) Evaluate(Vector<double> point, double c)
    {
        var parameters = point.AsArray() ?? point.ToArray();
        var blocks = (input.Count + Block - 1) / Block;
        var parts = new (double Loss, double[] Gradient)[blocks];
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = input.Threads, CancellationToken = input.CancellationToken },
            block => parts[block] = Sum(parameters, block * Block, Math.Min(input.Count, (block + 1) * Block)));

        var gradient = new double[Parameters];
        foreach (var part in parts)
            TensorPrimitives.Add(gradient, part.Gradient, gradient);
        TensorPrimitives.Multiply(gradient, c, gradient);
        var weights = parameters.AsSpan(0, _outputs * _width);
        TensorPrimitives.Add(gradient.AsSpan(0, weights.Length), weights, gradient.AsSpan(0, weights.Length));
        TensorPrimitives.Divide(gradient, input.Count, gradient);
        return ((TensorPrimitives.SumOfSquares<double>(weights) / 2 + c * parts.Sum(p => p.Loss)) / input.Count, Vector<double>.Build.Dense(gradient));
    }

    internal (double[,] Weight, double[] Bias) Split(Vector<double> point)
    {
        var weight = new double[_outputs, _width];
        for (var i = 0; i < _outputs * _width; i++)
            weight[i / _width, i % _width] = point[i];
        return (weight, point.SubVector(_outputs * _width, _outputs).ToArray());
    }

    (double, double[]) Sum(double[] parameters, int from, int to)
    {
        var (row, scores, gradient) = (new double[_width], new double[_outputs], new double[Parameters]);
        double loss = 0;
        for (var i = from; i < to; i++)
        {
            TensorPrimitives.ConvertChecked(input.Row(i), row);
            for (var k = 0; k < _outputs; k++)
                scores[k] = TensorPrimitives.Dot<double>(row, parameters.AsSpan(k * _width, _width)) + parameters[_outputs * _width + k];
            loss += task.Target == TargetKind.Class ? Softmax(i, scores) : Sigmoid(i, scores);
            for (var k = 0; k < _outputs; k++)
            {
                var part = gradient.AsSpan(k * _width, _width);
                TensorPrimitives.MultiplyAdd(row, scores[k], part, part);
                gradient[_outputs * _width + k] += scores[k];
            }
        }
        return (loss, gradient);
    }

    /// <summary>The loss of an example; its scores become the gradient at them.</summary>
    double Softmax(int example, double[] scores)
    {
        var label = input.Targets.Class(example);
        var weight = input.Targets.Weight(example, label);
        var highest = scores.Max();
        var logSum = highest + Math.Log(scores.Sum(s => Math.Exp(s - highest)));
        var loss = logSum - scores[label];
        for (var k = 0; k < scores.Length; k++)
            scores[k] = weight * (Math.Exp(scores[k] - logSum) - (k == label ? 1 : 0));
        return weight * loss;
    }

    /// <summary>The same for labels that do not exclude each other.</summary>
    double Sigmoid(int example, double[] scores)
    {
        double loss = 0;
        for (var k = 0; k < scores.Length; k++)
        {
            var target = input.Targets.Values[example][k];
            var weight = input.Targets.Weight(example, target > 0.5f ? k : null);
            loss += weight * (Math.Max(scores[k], 0) - scores[k] * target + Math.Log(1 + Math.Exp(-Math.Abs(scores[k]))));
            scores[k] = weight * (1 / (1 + Math.Exp(-scores[k])) - target);
        }
        return loss;
    }
}
