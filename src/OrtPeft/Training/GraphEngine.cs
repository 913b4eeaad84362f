using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtPeft;

/// <summary>
/// Trains on stock ONNX Runtime: one session runs the whole step. Values and moments live in two sets of runtime buffers; each step reads one
/// set and writes the other, so nothing is copied between steps.
/// </summary>
sealed class GraphEngine : IDisposable
{
    readonly TrainingGraph _graph;
    readonly InferenceSession _training;
    readonly InferenceSession _evaluation;
    readonly RunOptions _runOptions = new();
    readonly string[] _tensorNames;
    readonly string[] _stateNames;
    readonly long[][] _stateShapes;
    readonly OrtValue[][] _buffers = [[], []];
    readonly OrtIoBinding[] _bindings = new OrtIoBinding[2];
    readonly OrtValue _loss;
    readonly float[] _learningRate = new float[1];
    readonly float[] _stepNumber = new float[1];
    readonly OrtValue _learningRateValue;
    readonly OrtValue _stepValue;
    readonly long _seed;
    int _current;

    internal GraphEngine(TunableGraph tunable, int width, int labels, TrainingOptions options, ExecutionOptions execution)
    {
        _seed = options.Seed;
        _graph = TrainingGraph.Build(tunable, width, labels, options);
        _training = OrtSession.FromBytes(_graph.Model.ToBytes(), execution.EffectiveThreads);
        _evaluation = OrtSession.FromBytes(TrainingGraph.Evaluation(tunable, width, labels).ToBytes(), execution.EffectiveThreads);
        _tensorNames = [.. tunable.Tensors.Select(t => t.Name)];
        var state = tunable.Tensors.SelectMany(t => _graph.Moments.Select(m => TrainingGraph.MomentName(t.Name, m)).Prepend(t.Name).Select(n => (Name: n, t.Shape))).ToArray();
        _stateNames = [.. state.Select(s => s.Name)];
        _stateShapes = [.. state.Select(s => s.Shape.ToArray())];
        _loss = Allocate([]);
        _learningRateValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _learningRate.AsMemory(), []);
        _stepValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _stepNumber.AsMemory(), []);
        for (var set = 0; set < 2; set++)
            _buffers[set] = [.. _stateShapes.Select(Allocate)];
        for (var set = 0; set < 2; set++)
            _bindings[set] = Bind(_buffers[set], _buffers[1 - set]);
        Write(new TrainingState(0, tunable.Tensors, new Dictionary<string, IReadOnlyList<TrainedTensor>>()));
    }

    /// <summary>Steps done.</summary>
    internal long Step { get; private set; }

    /// <summary>One step on <paramref name="batch"/>; returns its loss before the update.</summary>
    internal float Train(FeatureBatch batch, double learningRate)
    {
        Step++;
        _learningRate[0] = (float)learningRate;
        _stepNumber[0] = Step;
        var binding = _bindings[_current];
        using var inputs = new OrtValues();
        foreach (var (name, value) in batch.Inputs())
            binding.BindInput(name, inputs.Add(value));
        binding.BindInput(TrainingGraph.LabelsInput, inputs.Add(batch.LabelsValue()));
        foreach (var noise in _graph.Noise)
            binding.BindInput(noise.Name, inputs.Add(Draw(noise, batch.Size)));
        _training.RunWithBinding(_runOptions, binding);
        _current = 1 - _current;
        return _loss.GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>Loss and scores [batch, labels] of <paramref name="batch"/> with the current values.</summary>
    internal (float Loss, float[] Scores) Evaluate(FeatureBatch batch)
    {
        using var inputs = new OrtValues();
        var feeds = batch.Inputs().Append((TrainingGraph.LabelsInput, batch.LabelsValue())).ToDictionary(i => i.Item1, i => inputs.Add(i.Item2));
        for (var i = 0; i < _stateNames.Length; i += 1 + _graph.Moments.Count)
            feeds.Add(_stateNames[i], _buffers[_current][i]);
        using var outputs = _evaluation.Run(_runOptions, feeds, [TrainingGraph.LossOutput, HeadGraph.ScoresOutput]);
        return (outputs[0].GetTensorDataAsSpan<float>()[0], outputs[1].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>A copy of everything that the next step depends on.</summary>
    internal TrainingState Read()
    {
        var values = Copy(0);
        var moments = _graph.Moments.Select((moment, i) => (moment, (IReadOnlyList<TrainedTensor>)Copy(1 + i))).ToDictionary();
        return new TrainingState(Step, values, moments);

        List<TrainedTensor> Copy(int offset) => [.. _tensorNames.Select((name, i) =>
        {
            var index = i * (1 + _graph.Moments.Count) + offset;
            return new TrainedTensor(name, _stateShapes[index], _buffers[_current][index].GetTensorDataAsSpan<float>().ToArray());
        })];
    }

    /// <summary>Goes on from <paramref name="state"/>; moments it does not have are zero.</summary>
    internal void Write(TrainingState state)
    {
        Step = state.Step;
        foreach (var buffer in _buffers[_current])
            buffer.GetTensorMutableDataAsSpan<float>().Clear();
        Paste(0, state.Values);
        for (var m = 0; m < _graph.Moments.Count; m++)
            Paste(1 + m, state.Moments.GetValueOrDefault(_graph.Moments[m]) ?? []);

        void Paste(int offset, IReadOnlyList<TrainedTensor> tensors)
        {
            for (var i = 0; i < tensors.Count; i++)
                tensors[i].Values.CopyTo(_buffers[_current][i * (1 + _graph.Moments.Count) + offset].GetTensorMutableDataAsSpan<float>());
        }
    }

    OrtValue Draw(NoiseInput noise, int batch)
    {
        var shape = noise.ShapeFor(batch);
        var mask = new float[shape.Aggregate(1L, (a, b) => a * b)];
        var random = new CounterRandom(_seed, noise.Name, Step);
        var keep = 1 / (1 - noise.Rate);
        for (var i = 0; i < mask.Length; i++)
            mask[i] = random.NextSingle() < noise.Rate ? 0 : keep;
        return OrtValue.CreateTensorValueFromMemory(mask, shape);
    }

    OrtIoBinding Bind(OrtValue[] from, OrtValue[] to)
    {
        var binding = _training.CreateIoBinding();
        binding.BindInput(TrainingGraph.LearningRateInput, _learningRateValue);
        binding.BindInput(TrainingGraph.StepInput, _stepValue);
        binding.BindOutput(TrainingGraph.LossOutput, _loss);
        for (var i = 0; i < _stateNames.Length; i++)
        {
            binding.BindInput(_stateNames[i], from[i]);
            binding.BindOutput(_graph.Next[_stateNames[i]], to[i]);
        }
        return binding;
    }

    static OrtValue Allocate(long[] shape) => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);

    public void Dispose()
    {
        foreach (var binding in _bindings)
            binding.Dispose();
        foreach (var buffer in _buffers[0].Concat(_buffers[1]).Append(_loss).Append(_learningRateValue).Append(_stepValue))
            buffer.Dispose();
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
