using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// Trains artifacts with ONNX Runtime's own training runtime. It reads files only, and gives its optimizer state away in files only, so
/// everything passes through a temporary folder.
/// </summary>
sealed class NativeTrainingSession : ITrainingSession
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ortpeft-training-");
    readonly SessionOptions _options;
    readonly string _lossName;
    CheckpointState? _state;
    TrainingSession? _session;

    internal NativeTrainingSession(OrtArtifacts artifacts, ExecutionOptions execution)
    {
        OrtTrainingRuntime.Require();
        _options = new SessionOptions { IntraOpNumThreads = execution.EffectiveThreads, InterOpNumThreads = 1 };
        _lossName = artifacts.Loss;
        try
        {
            artifacts.Save(_folder.FullName);
            Open();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    string File(string name) => Path.Combine(_folder.FullName, name);

    void Open()
    {
        Close();
        try
        {
            _state = CheckpointState.LoadCheckpoint(File(ArtifactNames.Checkpoint));
            _session = new TrainingSession(_options, _state, File(ArtifactNames.TrainingModel), File(ArtifactNames.EvalModel), File(ArtifactNames.OptimizerModel));
        }
        catch (OnnxRuntimeException e)
        {
            throw new OrtPeftException($"ONNX Runtime {OrtSession.Version} cannot train the artifacts: {OrtSession.FirstLine(e)}", e);
        }
    }

    public float TrainStep(IReadOnlyList<OrtValue> inputs)
    {
        using var outputs = _session!.TrainStep(inputs);
        return outputs[Math.Max(0, _session.OutputNames(training: true).IndexOf(_lossName))].GetTensorDataAsSpan<float>()[0];
    }

    public void OptimizerStep(float learningRate)
    {
        _session!.SetLearningRate(learningRate);
        _session.OptimizerStep();
    }

    public void LazyResetGradients() => _session!.LazyResetGrad();

    public float[][] EvalStep(IReadOnlyList<OrtValue> inputs)
    {
        using var outputs = _session!.EvalStep(inputs);
        return [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
    }

    public OrtCheckpoint Read()
    {
        CheckpointState.SaveCheckpoint(_state!, File("saved"), includeOptimizerState: true);
        return OrtCheckpoint.Load(File("saved"));
    }

    public void Write(OrtCheckpoint checkpoint)
    {
        checkpoint.Save(File(ArtifactNames.Checkpoint));
        Open();
    }

    /// <summary>The session reads the state to its end.</summary>
    void Close()
    {
        _session?.Dispose();
        _state?.Dispose();
        (_session, _state) = (null, null);
    }

    public void Dispose()
    {
        Close();
        _options.Dispose();
        _folder.Delete(recursive: true);
    }
}
