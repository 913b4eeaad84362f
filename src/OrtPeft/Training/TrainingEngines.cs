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
        var (tunable, options, width, labels) = (job.Tunable, job.Options, job.Train.Width, job.Labels.Count);
        if (tunable.Artifacts is null && options.Engine == Graph)
            return new GraphEngine(tunable, width, labels, options, job.Execution);
        var artifacts = tunable.Artifacts ?? ArtifactBuilder.Build(tunable, width, labels, ArtifactOptimizer.Of(options));
        return new ArtifactsEngine(artifacts, options.Engine == Graph
            ? new StockTrainingSession(artifacts, job.Execution)
            : new NativeTrainingSession(artifacts, job.Execution));
    }
}
