using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A session over artifacts as ONNX Runtime's TrainingSession has it: the native one, or its equal on stock ONNX Runtime.</summary>
interface ITrainingSession : IDisposable
{
    /// <summary>Adds the gradients of a batch to those since the last <see cref="LazyResetGradients"/>; returns its loss.</summary>
    /// <param name="inputs">The user inputs in the order of the training model.</param>
    float TrainStep(IReadOnlyList<OrtValue> inputs);

    /// <summary>Changes the parameters by the gradients.</summary>
    void OptimizerStep(float learningRate);

    /// <summary>Lets the next training step begin with gradients of zero.</summary>
    void LazyResetGradients();

    /// <summary>The outputs of the evaluation model: the loss, then what else it gives.</summary>
    /// <param name="inputs">The user inputs in the order of the evaluation model.</param>
    float[][] EvalStep(IReadOnlyList<OrtValue> inputs);

    /// <summary>Parameters and optimizer state as they are now.</summary>
    OrtCheckpoint Read();

    /// <summary>Goes on from parameters and optimizer state.</summary>
    void Write(OrtCheckpoint checkpoint);
}
