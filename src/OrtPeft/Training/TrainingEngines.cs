namespace OrtPeft;

/// <summary>Chooses the engine of a training.</summary>
static class TrainingEngines
{
    internal const string Graph = "graph", OrtTraining = "ort-training";

    internal static void Require(string name)
    {
        if (name is not (Graph or OrtTraining))
            throw new OrtPeftException($"--engine is '{name}'; expected {Graph} or {OrtTraining}.");
        if (name == OrtTraining)
            OrtTrainingRuntime.Require();
    }

    internal static ITrainingEngine Create(TrainingJob job)
    {
        var (tunable, options, width, labels) = (job.Tunable, job.Options, job.Train.Width, job.Task.Outputs);
        if (job.Observer is not null && !job.Execution.Chosen.IsCpu)
            throw new OrtPeftException($"A search watches the gradients of every step, which provider {job.Execution.EffectiveProvider} keeps on the device. Search with --provider cpu.");
        if (tunable.Artifacts is null && options.Engine == Graph)
            return new GraphEngine(tunable, width, labels, options, job.Execution, longest: job.Train.Lengths.DefaultIfEmpty(1).Max());
        RefuseWhatArtifactsCannot(job);
        var artifacts = tunable.Artifacts ?? ArtifactBuilder.Build(tunable, width, labels, ArtifactOptimizer.Of(options));
        return new ArtifactsEngine(artifacts, options.Engine == Graph
            ? new StockTrainingSession(artifacts, job.Execution)
            : new NativeTrainingSession(artifacts, job.Execution));
    }

    static void RefuseWhatArtifactsCannot(TrainingJob job)
    {
        var tunable = job.Tunable;
        var given = job.Options switch
        {
            _ when !job.Execution.Chosen.IsCpu => $"--provider {job.Execution.EffectiveProvider}",
            _ when tunable.Encoder is not null => "part of a backbone",
            _ when tunable.Target != TargetKind.Class => "targets but one label an example",
            _ when tunable.Weighted => "weights of labels or examples",
            { ClipValue: > 0 } => "--clip-value",
            { MicroBatch: > 0 } => "--micro-batch",
            { Memory: > 0 } => "--memory",
            { Ema: > 0 } => "--ema",
            { Optimizer: not ("adamw" or "sgd") and var optimizer } => $"--optimizer {optimizer}",
            _ when job.Observer is not null => "way to watch the gradients",
            _ => null,
        };
        if (given != null)
            throw new OrtPeftException($"ONNX Runtime training artifacts have no {given}. Leave it out, or train a method with --engine {Graph}.");
    }
}
