using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// Trains on stock ONNX Runtime: one session gives loss and gradients, the optimizer changes the values. All of them stay in the same runtime
/// buffers from step to step; nothing is copied. On processors a batch runs as micro-batches, one thread each, at once, which is faster than
/// one run on all threads; gradients are summed in a fixed order, so the bits depend on the number of threads, not on their timing. On a device a
/// batch is one run unless a limit is given, and values, moments and gradients never leave it: examples go in, the loss and the norm come out.
/// </summary>
sealed class GraphEngine : ITrainingEngine
{
    readonly TrainingOptions _options;
    readonly TrainingGraph _graph;
    readonly InferenceSession _training;
    readonly InferenceSession _evaluation;
    readonly RunOptions _runOptions = new();
    readonly TensorMemory _memory;
    readonly TrainingBuffers _buffers;
    readonly List<GradientWorker> _workers = [];
    readonly int _threads;
    readonly int _mostAtOnce;
    readonly bool _onProcessor;
    readonly IGradientSum _gradients;
    readonly IOptimizer _optimizer;
    readonly Action<float> _moveAverage;
    readonly DeviceAverage? _deviceAverage;

    /// <param name="tunable">What is trained.</param>
    /// <param name="width">Values of one token that enter the head.</param>
    /// <param name="labels">Outputs.</param>
    /// <param name="options">How.</param>
    /// <param name="execution">Where.</param>
    /// <param name="memory">Where the trained tensors lie; null for the memory that <paramref name="execution"/> computes in.</param>
    /// <param name="longest">Tokens of the longest example there will be, which --memory reckons with.</param>
    internal GraphEngine(TunableGraph tunable, int width, int labels, TrainingOptions options, ExecutionOptions execution, TensorMemory? memory = null, int longest = 1)
    {
        _options = options;
        _onProcessor = memory is null && execution.Chosen.IsCpu;
        _threads = _onProcessor ? execution.EffectiveThreads : 1;
        _graph = TrainingGraph.Build(tunable, width, labels);
        if (options.Memory > 0)
            _mostAtOnce = StepMemory.Of(tunable, _graph.Model, options, longest, _threads).MicroBatch(options.Memory * 1_000_000L, options.BatchSize!.Value, _threads);
        _training = tunable.OpenSession(_graph.Model, intraOpThreads: 1, execution);
        _evaluation = tunable.OpenSession(TrainingGraph.Evaluation(tunable, width, labels), intraOpThreads: 1, execution);
        var rule = Optimizers.Get(options.Optimizer);
        _memory = memory ?? TensorMemory.Of(execution);
        _buffers = new TrainingBuffers(tunable.Tensors, options.Ema == 0 ? rule.Moments : [.. rule.Moments, TrainingState.Average], _memory);
        if (_memory.IsHost)
        {
            var sum = new GradientSum(Worker(0).Gradients, _buffers, options.ClipValue, _threads);
            _gradients = sum;
            _optimizer = rule.Kernel?.Invoke(_buffers, sum, options) ?? OnGraph();
            _moveAverage = take => sum.ForEachPart((part, _) => TensorPrimitives.Lerp(part.Of(Evaluated), part.Of(_buffers.Values), take, part.Of(Evaluated)));
        }
        else
        {
            _gradients = new DeviceGradientSum(Worker(0).Gradients, tunable.Tensors, options.ClipValue, execution);
            _optimizer = OnGraph();
            _deviceAverage = options.Ema == 0 ? null : new DeviceAverage(_buffers, Evaluated, tunable.Tensors, execution);
            _moveAverage = take => _deviceAverage!.Move(take);
        }

        GraphOptimizer OnGraph() => new(_buffers, _gradients.Values, tunable.Tensors, options, execution);
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>One step on <paramref name="batch"/>, seen by <paramref name="observer"/>; returns its loss before the update.</summary>
    public float Train(TrainingBatch batch, double learningRate, IStepObserver? observer = null)
    {
        Step++;
        var parts = Parts(batch, _options.MicroBatch);
        var mass = Math.Max(batch.Targets.Mass(), float.Epsilon);
        double loss = 0;
        for (var done = 0; done < parts.Length;)
        {
            // The first micro-batch leaves its gradients where the sum is, so that later waves begin with the second worker.
            var first = done == 0 ? 0 : 1;
            var wave = parts.AsMemory(done, Math.Min(_threads, parts.Length - done));
            var losses = RunAtOnce(batch, wave, first);
            var terms = new (OrtValue[] Gradients, float Share)[wave.Length];
            for (var i = 0; i < wave.Length; i++)
            {
                terms[i] = (_workers[first + i].Gradients, (float)(batch.Targets.Mass(wave.Span[i].Start, wave.Span[i].Count) / mass));
                loss += (double)terms[i].Share * losses[i];
            }
            done += wave.Length;
            _gradients.Add(terms, isLast: done == parts.Length);
        }
        // What is no number must not reach the values: they stay as after the last good step.
        if (!double.IsFinite(loss) || !double.IsFinite(_gradients.Norm))
            return float.NaN;
        observer?.See(new TrainingStep(_buffers.Values, _gradients.Values));
        _optimizer.Apply((float)learningRate, Step);
        if (_options.Ema > 0)
            MoveAverage();
        return (float)loss;
    }

    /// <summary>A device likes a batch whole.</summary>
    MicroBatch[] Parts(TrainingBatch batch, int limit) => MicroBatches.Of(batch, limit == 0 && !_onProcessor ? batch.Size : limit, _threads, _mostAtOnce);

    float[] RunAtOnce(TrainingBatch batch, ReadOnlyMemory<MicroBatch> wave, int firstWorker)
    {
        var losses = new float[wave.Length];
        var workers = Enumerable.Range(firstWorker, wave.Length).Select(Worker).ToArray();
        Parallel.For(0, wave.Length, i =>
        {
            var (start, count) = wave.Span[i];
            losses[i] = workers[i].Run(batch.TrainingInputs(start, count).Concat(_graph.Noise.Select(n => (n.Name, n.Draw(_options.Seed, Step, start, count, batch.Length)))));
        });
        return losses;
    }

    GradientWorker Worker(int index)
    {
        while (_workers.Count <= index)
            _workers.Add(new GradientWorker(_training, _buffers));
        return _workers[index];
    }

    /// <summary>After a step whose loss is NaN: where the first number that is none stands.</summary>
    public string FirstNonFinite(TrainingBatch batch)
    {
        if (NonFinite.First(Read().Values) is { } value)
            return $"trained tensor {value}";
        if (batch.FirstNonFinite() is { } feature)
            return $"frozen {feature}";
        return NonFinite.First(_buffers.Copy(_gradients.Values)) is { } gradient ? $"gradient of {gradient}" : "the loss, or the norm of the gradients,";
    }

    /// <summary>Loss and scores [batch, outputs] (tagging: [batch, sequence, outputs]) of <paramref name="batch"/> with the current values.</summary>
    public (float Loss, float[] Scores) Evaluate(TrainingBatch batch)
    {
        var parts = Parts(batch, limit: 0);
        var results = new (float Loss, float[] Scores)[parts.Length];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, i => results[i] = Evaluate(batch, parts[i]));
        var mass = Math.Max(batch.Targets.Mass(), float.Epsilon);
        var loss = parts.Zip(results, (part, result) => batch.Targets.Mass(part.Start, part.Count) / mass * result.Loss).Sum();
        return ((float)loss, [.. results.SelectMany(r => r.Scores)]);
    }

    (float Loss, float[] Scores) Evaluate(TrainingBatch batch, MicroBatch part)
    {
        using var inputs = new OrtValues();
        var feeds = batch.TrainingInputs(part.Start, part.Count).ToDictionary(i => i.Item1, i => inputs.Add(i.Item2));
        for (var i = 0; i < _buffers.Count; i++)
            feeds.Add(_buffers.Name(i), Evaluated[i]);
        using var outputs = _evaluation.Run(_runOptions, feeds, [TrainingGraph.LossOutput, HeadGraph.ScoresOutput]);
        return (outputs[0].GetTensorDataAsSpan<float>()[0], outputs[1].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>Evaluates <paramref name="values"/> from now on.</summary>
    public void Show(IReadOnlyList<TrainedTensor> values) => _buffers.Paste(values, Evaluated);

    OrtValue[] Evaluated => _options.Ema > 0 ? _buffers.Moments[^1] : _buffers.Values;

    /// <summary>The first step takes the values over: what they were before training should not be in the average.</summary>
    void MoveAverage() => _moveAverage(Step == 1 ? 1 : (float)(1 - _options.Ema));

    /// <summary>A copy of everything that the next step depends on.</summary>
    public TrainingState Read() => _buffers.Read(Step);

    /// <summary>Goes on from <paramref name="state"/>.</summary>
    public void Write(TrainingState state)
    {
        Step = state.Step;
        _buffers.Write(state);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _deviceAverage?.Dispose();
        _gradients.Dispose();
        foreach (var worker in _workers)
            worker.Dispose();
        _buffers.Dispose();
        _memory.Dispose();
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
