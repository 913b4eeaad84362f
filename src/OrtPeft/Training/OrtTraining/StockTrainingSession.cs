using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Gradients;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Trains artifacts on stock ONNX Runtime. A backward pass in the training runtime's own operators cannot run there: then the evaluation
/// model is differentiated anew.
/// </summary>
sealed class StockTrainingSession : ITrainingSession
{
    readonly OrtArtifacts _artifacts;
    readonly InferenceSession _gradients;
    readonly InferenceSession _evaluation;
    readonly RunOptions _runOptions = new();
    readonly ArtifactUpdate _update;
    readonly string _loss;
    readonly string[] _inputs;
    readonly string[] _evalOutputs;
    readonly string[] _trained;
    readonly Dictionary<string, OrtValue> _parameters = [];
    bool _reset = true;

    /// <param name="artifacts">What is trained.</param>
    /// <param name="execution">Threads.</param>
    /// <param name="anew">Whether to differentiate the evaluation model even where the training model's own backward pass runs.</param>
    internal StockTrainingSession(OrtArtifacts artifacts, ExecutionOptions execution, bool anew = false)
    {
        _artifacts = artifacts;
        _inputs = [.. artifacts.UserInputs(artifacts.TrainingModel).Select(i => i.Name)];
        _evalOutputs = [.. artifacts.EvalModel.Graph.Outputs.Select(o => o.Name)];
        _trained = [.. artifacts.Trainable.Select(t => t.Name)];
        var own = anew ? null : ArtifactBuilder.Stripped(artifacts);
        _loss = own?.Graph.Outputs[0].Name ?? artifacts.Loss;
        try
        {
            _gradients = OrtSession.FromBytes((own ?? Differentiated()).ToBytes(), execution.EffectiveThreads);
            _evaluation = OrtSession.FromBytes(artifacts.EvalModel.ToBytes(), execution.EffectiveThreads);
        }
        catch (OnnxRuntimeException e)
        {
            _gradients?.Dispose();
            throw new OrtPeftException($"This ONNX Runtime ({OrtSession.Version}) cannot run the artifacts: {OrtSession.FirstLine(e)}", e);
        }
        foreach (var tensor in artifacts.Parameters)
            _parameters.Add(tensor.Name, OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.ElementType, tensor.Dims));
        _update = new ArtifactUpdate(ArtifactOptimizer.Read(artifacts.OptimizerModel), [.. artifacts.Trainable.Select(t => checked((int)t.ElementCount))]);
        Write(artifacts.Checkpoint);
    }

    OnnxModel Differentiated()
    {
        if (_artifacts.TrainingModel.Graph.Nodes.Find(n => n.OpType.Contains("Dropout", StringComparison.Ordinal) || n.OpType.Contains("BatchNorm", StringComparison.Ordinal)) is { } node)
        {
            throw new OrtPeftException($"{ArtifactNames.TrainingModel} has {node}, which acts in training only, in the training runtime's own operators. " +
                "Train it with --engine ort-training, or generate the artifacts without it.");
        }
        var model = _artifacts.EvalModel.Copy();
        OpsetUpgrade.ToLayerNormalization(model);
        var g = GraphBuilder.Edit(model);
        var gradients = GradientBuilder.AddGradients(g, _artifacts.Loss, _trained);
        foreach (var name in _trained)
            g.Output(gradients[name], TrainingGraph.Gradient(name));
        return g.Build();
    }

    public float TrainStep(IReadOnlyList<OrtValue> inputs)
    {
        using var outputs = Run(_gradients, inputs, [_loss, .. _trained.Select(TrainingGraph.Gradient)]);
        for (var i = 0; i < _trained.Length; i++)
        {
            var gradient = outputs[1 + i].GetTensorDataAsSpan<float>();
            if (_reset)
                gradient.CopyTo(_update.Gradients[i]);
            else
                TensorPrimitives.Add(_update.Gradients[i], gradient, _update.Gradients[i]);
        }
        _reset = false;
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>What has been added up since the last reset, by parameter.</summary>
    internal IReadOnlyDictionary<string, float[]> Gradients => _trained.Zip(_update.Gradients).ToDictionary(p => p.First, p => p.Second);

    public void OptimizerStep(float learningRate) =>
        _update.Apply(i => _parameters[_trained[i]].GetTensorMutableDataAsSpan<float>(), learningRate);

    public void LazyResetGradients() => _reset = true;

    public float[][] EvalStep(IReadOnlyList<OrtValue> inputs)
    {
        using var outputs = Run(_evaluation, inputs, _evalOutputs);
        return [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
    }

    IDisposableReadOnlyCollection<OrtValue> Run(InferenceSession session, IReadOnlyList<OrtValue> inputs, string[] outputs)
    {
        var feeds = new Dictionary<string, OrtValue>(_parameters);
        foreach (var (name, value) in _inputs.Zip(inputs))
            feeds.Add(name, value);
        try
        {
            return session.Run(_runOptions, feeds, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OrtPeftException($"The artifacts do not run on this batch: {OrtSession.FirstLine(e)}", e);
        }
    }

    public OrtCheckpoint Read()
    {
        var now = _artifacts.Parameters.ToDictionary(t => t.Name, t => OnnxTensor.FromBytes(t.Name, t.ElementType, _parameters[t.Name].GetTensorMutableRawData().ToArray(), t.Dims));
        return _artifacts.Checkpoint with
        {
            IsNominal = false,
            Trainable = [.. _artifacts.Checkpoint.Trainable.Select(t => now[t.Name])],
            Frozen = [.. _artifacts.Checkpoint.Frozen.Select(t => now.GetValueOrDefault(t.Name, t))],
            Optimizer = [_update.Read(_artifacts.Trainable)],
        };
    }

    public void Write(OrtCheckpoint checkpoint)
    {
        if (checkpoint.IsNominal)
            throw new OrtPeftException($"The {ArtifactNames.Checkpoint} is a nominal one: it holds names, but no values to train from. Use the full checkpoint.");
        foreach (var tensor in checkpoint.Trainable.Concat(checkpoint.Frozen).Where(t => _parameters.ContainsKey(t.Name)))
            tensor.ReadBytes(0, _parameters[tensor.Name].GetTensorMutableRawData());
        _update.Write(_artifacts.Trainable, checkpoint.Optimizer.FirstOrDefault(g => g.Name == OrtOptimizerGroup.OnlyName));
        _reset = true;
    }

    public void Dispose()
    {
        foreach (var value in _parameters.Values)
            value.Dispose();
        _gradients.Dispose();
        _evaluation.Dispose();
        _runOptions.Dispose();
    }
}
