using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Trains artifacts, in the native training runtime or in its equal on stock ONNX Runtime.</summary>
sealed class ArtifactsEngine : ITrainingEngine
{
    readonly ITrainingSession _session;
    readonly ArtifactInputs _inputs;
    readonly OrtArtifacts _artifacts;
    readonly ArtifactOptimizer _optimizer;
    readonly int _scores;

    /// <param name="artifacts">What is trained; its optimizer counts.</param>
    /// <param name="session">A session over the artifacts; it is disposed with the engine.</param>
    internal ArtifactsEngine(OrtArtifacts artifacts, ITrainingSession session)
    {
        _artifacts = artifacts;
        _session = session;
        _inputs = ArtifactInputs.Of(artifacts);
        _optimizer = ArtifactOptimizer.Read(artifacts.OptimizerModel);
        _scores = artifacts.EvalModel.Graph.Outputs.IndexOf(_inputs.Scores);
    }

    public long Step { get; private set; }

    public float Train(TrainingBatch batch, double learningRate, IStepObserver? observer = null)
    {
        Step++;
        var inputs = _inputs.Values((FeatureBatch)batch);
        try
        {
            var loss = _session.TrainStep(inputs);
            _session.OptimizerStep((float)learningRate);
            _session.LazyResetGradients();
            return loss;
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    public string FirstNonFinite(TrainingBatch batch) => NonFinite.First(Read().Values) is { } value ? $"trained tensor {value}"
        : batch.FirstNonFinite() is { } feature ? $"frozen {feature}" : "the loss itself";

    public (float Loss, float[] Scores) Evaluate(TrainingBatch batch)
    {
        var inputs = _inputs.Values((FeatureBatch)batch);
        try
        {
            var outputs = _session.EvalStep(inputs);
            return (outputs[0][0], outputs[_scores]);
        }
        finally
        {
            inputs.ForEach(i => i.Dispose());
        }
    }

    public void Show(IReadOnlyList<TrainedTensor> values) => Write(Read() with { Values = values });

    public TrainingState Read()
    {
        var now = _session.Read();
        var values = now.Trainable.ToDictionary(t => t.Name, t => t.ToFloats());
        var group = now.Optimizer.FirstOrDefault(g => g.Name == OrtOptimizerGroup.OnlyName);
        return new TrainingState(Step, Tensors(name => values[name]), _optimizer.Moments.ToDictionary(m => m, m =>
            Tensors(name => group?.Moments.GetValueOrDefault(name)?.FirstOrDefault(t => t.Name == m)?.ToFloats() ?? new float[values[name].Length])));
    }

    IReadOnlyList<TrainedTensor> Tensors(Func<string, float[]> values) =>
        [.. _artifacts.Checkpoint.Trainable.Select(t => new TrainedTensor(t.Name, t.Dims, values(t.Name)))];

    public void Write(TrainingState state)
    {
        Step = state.Step;
        var moments = state.Moments.Count == 0 ? [] : state.Values.ToDictionary(t => t.Name, t => (IReadOnlyList<OnnxTensor>)
            [.. _optimizer.Moments.Select(m => OnnxTensor.FromFloats(m, state.Moments[m].First(v => v.Name == t.Name).Values, [.. t.Shape]))]);
        _session.Write(_artifacts.Checkpoint with
        {
            Trainable = [.. state.Values.Select(t => OnnxTensor.FromFloats(t.Name, t.Values, [.. t.Shape]))],
            Optimizer = moments.Count == 0 ? [] : [new OrtOptimizerGroup(OrtOptimizerGroup.OnlyName, state.Step, 1e-3f, moments)],
        });
    }

    public void Dispose() => _session.Dispose();
}
