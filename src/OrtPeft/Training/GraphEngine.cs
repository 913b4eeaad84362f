using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// Trains on stock ONNX Runtime: one session gives loss and gradients, the optimizer changes the values. All of them stay in the same runtime
/// buffers from step to step; nothing is copied. On processors a batch runs as micro-batches, one thread each, at once, which is faster than
/// one run on all threads; gradients are summed in a fixed order, so the bits depend on the number of threads, not on their timing.
/// </summary>
sealed class GraphEngine : IDisposable
{
    /// <summary>Tokens of a micro-batch at least: fewer are not worth a second set of gradients.</summary>
    const int MicroBatchRows = 256;

    readonly TrainingGraph _graph;
    readonly InferenceSession _training;
    readonly InferenceSession _evaluation;
    readonly RunOptions _runOptions = new();
    readonly TrainingBuffers _buffers;
    readonly GradientSum _gradients;
    readonly GradientWorker[] _workers;
    readonly IOptimizer _optimizer;
    readonly long _seed;

    internal GraphEngine(TunableGraph tunable, int width, int labels, TrainingOptions options, ExecutionOptions execution)
    {
        _seed = options.Seed;
        _graph = TrainingGraph.Build(tunable, width, labels);
        _training = OrtSession.FromBytes(_graph.Model.ToBytes(), intraOpThreads: 1);
        _evaluation = OrtSession.FromBytes(TrainingGraph.Evaluation(tunable, width, labels).ToBytes(), execution.EffectiveThreads);
        var rule = Optimizers.Get(options.Optimizer);
        _buffers = new TrainingBuffers(tunable.Tensors, rule.Moments);
        _workers = [.. Enumerable.Range(0, execution.EffectiveThreads).Select(_ => new GradientWorker(_training, _buffers))];
        _gradients = new GradientSum([.. _workers.Select(w => w.Gradients)], _buffers, execution.EffectiveThreads);
        _optimizer = rule.Kernel?.Invoke(_buffers, _gradients, options) ?? new GraphOptimizer(_buffers, _gradients.Values, tunable.Tensors, options, execution);
    }

    /// <summary>Steps done.</summary>
    internal long Step { get; private set; }

    /// <summary>One step on <paramref name="batch"/>; returns its loss before the update.</summary>
    internal float Train(FeatureBatch batch, double learningRate)
    {
        Step++;
        var parts = Math.Clamp(batch.Size * batch.Length / MicroBatchRows, 1, Math.Min(_workers.Length, batch.Size));
        var noise = _graph.Noise.Select(n => (n, Draw(n, batch.Size))).ToArray();
        var mass = batch.Targets.Mass();
        var losses = new float[parts];
        var shares = new float[parts];
        Parallel.For(0, parts, part =>
        {
            var start = batch.Size * part / parts;
            var count = batch.Size * (part + 1) / parts - start;
            shares[part] = (float)(batch.Targets.Mass(start, count) / Math.Max(mass, float.Epsilon));
            losses[part] = _workers[part].Run(batch.TrainingInputs(start, count)
                .Concat(noise.Select(n => (n.n.Name, n.n.Rows(n.Item2, start, count)))));
        });
        _gradients.Add(shares);
        var loss = TensorPrimitives.Dot<float>(shares, losses);
        // What is no number must not reach the values: they stay as after the last good step.
        if (!float.IsFinite(loss) || !double.IsFinite(_gradients.Norm))
            return float.NaN;
        _optimizer.Apply((float)learningRate, Step);
        return loss;
    }

    /// <summary>After a step whose loss is NaN: where the first number that is none stands.</summary>
    internal string FirstNonFinite(FeatureBatch batch)
    {
        if (NonFinite.First(Read().Values) is { } value)
            return $"trained tensor {value}";
        if (NonFinite.First([new TrainedTensor("features", batch.Shape, batch.Features.ToArray())]) is { } feature)
            return $"frozen {feature}";
        return NonFinite.First(_buffers.Copy(_gradients.Values)) is { } gradient ? $"gradient of {gradient}" : "the loss, or the norm of the gradients,";
    }

    /// <summary>Loss and scores [batch, outputs] (tagging: [batch, sequence, outputs]) of <paramref name="batch"/> with the current values.</summary>
    internal (float Loss, float[] Scores) Evaluate(FeatureBatch batch)
    {
        using var inputs = new OrtValues();
        var feeds = batch.TrainingInputs(0, batch.Size).ToDictionary(i => i.Item1, i => inputs.Add(i.Item2));
        for (var i = 0; i < _buffers.Count; i++)
            feeds.Add(_buffers.Name(i), _buffers.Values[i]);
        using var outputs = _evaluation.Run(_runOptions, feeds, [TrainingGraph.LossOutput, HeadGraph.ScoresOutput]);
        return (outputs[0].GetTensorDataAsSpan<float>()[0], outputs[1].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>A copy of everything that the next step depends on.</summary>
    internal TrainingState Read() => _buffers.Read(Step);

    /// <summary>Goes on from <paramref name="state"/>.</summary>
    internal void Write(TrainingState state)
    {
        Step = state.Step;
        _buffers.Write(state);
    }

    /// <summary>The 0/scale mask of this step for the whole batch, so that it does not depend on how the batch is divided.</summary>
    float[] Draw(NoiseInput noise, int batch)
    {
        var mask = new float[noise.ShapeFor(batch).Aggregate(1L, (a, b) => a * b)];
        var random = new CounterRandom(_seed, noise.Name, Step);
        var keep = 1 / (1 - noise.Rate);
        for (var i = 0; i < mask.Length; i++)
            mask[i] = random.NextSingle() < noise.Rate ? 0 : keep;
        return mask;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var worker in _workers)
            worker.Dispose();
        _buffers.Dispose();
        _training.Dispose();
        _evaluation.Dispose();
        _runOptions.Dispose();
    }

    /// <summary>Values that live as long as one run.</summary>
    sealed class OrtValues : List<OrtValue>, IDisposable
    {
        internal new OrtValue Add(OrtValue value)
        {
            base.Add(value);
            return value;
        }

        public void Dispose() => ForEach(value => value.Dispose());
    }
}
