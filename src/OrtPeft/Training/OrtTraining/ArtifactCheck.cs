using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// What must hold for four artifacts to be trained. The runtime finds most of these only in the first step, says them in its own terms, or does
/// not find them at all (parameters of the evaluation model in another order give wrong scores in silence).
/// </summary>
static class ArtifactCheck
{
    const int MaxIrVersion = 10, MaxOpset = 21;

    internal static void Check(OrtArtifacts artifacts)
    {
        foreach (var (name, model) in new[]
        {
            (ArtifactNames.TrainingModel, artifacts.TrainingModel), (ArtifactNames.EvalModel, artifacts.EvalModel), (ArtifactNames.OptimizerModel, artifacts.OptimizerModel),
        })
        {
            if (model.IrVersion > MaxIrVersion || model.Opset > MaxOpset)
            {
                throw new OrtPeftException($"{name} has IR version {model.IrVersion} and opset {model.Opset}; ONNX Runtime training 1.19.2 reads IR versions up to " +
                    $"{MaxIrVersion} and opsets up to {MaxOpset}. Export the model with an older opset.");
            }
        }
        if (artifacts.Checkpoint.Trainable.Count == 0)
            throw new OrtPeftException("the checkpoint has no parameter that is trained.");
        if (artifacts.EvalModel.Graph.Outputs is not [{ ElementType: OnnxType.Float }, ..])
            throw new OrtPeftException($"the first output of {ArtifactNames.EvalModel} is no loss: expected a float of one element.");
        Parameters(artifacts);
        Buffers(artifacts);
        var training = artifacts.UserInputs(artifacts.TrainingModel).Select(i => i.Name);
        var evaluation = artifacts.UserInputs(artifacts.EvalModel).Select(i => i.Name);
        if (!training.SequenceEqual(evaluation))
        {
            throw new OrtPeftException($"{ArtifactNames.TrainingModel} takes {List(training)}, {ArtifactNames.EvalModel} takes {List(evaluation)}. " +
                "A parameter that the checkpoint lacks counts as such an input.");
        }
        ArtifactOptimizer.Read(artifacts.OptimizerModel);
    }

    static void Parameters(OrtArtifacts artifacts)
    {
        var inputs = artifacts.TrainingModel.Graph.Inputs.ToDictionary(i => i.Name);
        foreach (var tensor in artifacts.Checkpoint.Trainable)
        {
            if (tensor.ElementType != OnnxType.Float)
                throw new OrtPeftException($"parameter '{tensor.Name}' is {tensor.ElementType.Text()}; only float parameters are trained.");
            if (!inputs.ContainsKey(tensor.Name))
                throw new OrtPeftException($"parameter '{tensor.Name}' of the checkpoint is no input of {ArtifactNames.TrainingModel}.");
        }
        foreach (var tensor in artifacts.Parameters)
        {
            var input = inputs[tensor.Name];
            var dims = tensor.Dims.Select(Dim.Of);
            if (input.ElementType != tensor.ElementType || input.Shape is null || (!artifacts.Checkpoint.IsNominal && !input.Shape.SequenceEqual(dims)))
                throw new OrtPeftException($"parameter '{tensor.Name}' is {tensor} in the checkpoint, but {ArtifactNames.TrainingModel} takes {input}.");
        }
        var order = artifacts.Parameters.Select(p => p.Name).ToArray();
        var evaluated = artifacts.EvalModel.Graph.Inputs.Select(i => i.Name).Where(order.Contains);
        if (!order.SequenceEqual(evaluated))
            throw new OrtPeftException($"the parameters of {ArtifactNames.EvalModel} must be those of {ArtifactNames.TrainingModel} in the same order.");
    }

    static void Buffers(OrtArtifacts artifacts)
    {
        var inputs = artifacts.TrainingModel.Graph.Inputs.Select(i => i.Name).ToHashSet();
        if (!inputs.Contains(ArtifactNames.LazyResetGrad))
            throw new OrtPeftException($"{ArtifactNames.TrainingModel} has no input '{ArtifactNames.LazyResetGrad}'.");
        if (artifacts.Checkpoint.Trainable.FirstOrDefault(t => !inputs.Contains(ArtifactNames.Buffer(t.Name))) is { } without)
            throw new OrtPeftException($"{ArtifactNames.TrainingModel} has no gradient buffer for '{without.Name}', which the checkpoint wants trained.");
        var trainable = artifacts.Checkpoint.Trainable.Select(t => t.Name).ToHashSet();
        if (inputs.Select(ArtifactNames.BufferedBy).FirstOrDefault(p => p is not null && !trainable.Contains(p)) is { } other)
        {
            throw new OrtPeftException($"{ArtifactNames.TrainingModel} trains '{other}', which the checkpoint " +
                $"{(artifacts.Checkpoint.Frozen.Any(t => t.Name == other) ? "wants frozen" : "does not have")}.");
        }
    }

    static string List(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
