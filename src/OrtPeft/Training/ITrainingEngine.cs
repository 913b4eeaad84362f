namespace OrtPeft;

/// <summary>What runs the steps of a training: the graph engine, or artifacts in a training session.</summary>
interface ITrainingEngine : IDisposable
{
    /// <summary>Steps done.</summary>
    long Step { get; }

    /// <summary>One step on <paramref name="batch"/>, seen by <paramref name="observer"/>; returns its loss before the update, NaN when there is no number to go on with.</summary>
    float Train(TrainingBatch batch, double learningRate, IStepObserver? observer = null);

    /// <summary>After a step whose loss is NaN: where the first number that is none stands.</summary>
    string FirstNonFinite(TrainingBatch batch);

    /// <summary>Loss and scores [batch, labels] of <paramref name="batch"/> with the current values.</summary>
    (float Loss, float[] Scores) Evaluate(TrainingBatch batch);

    /// <summary>Evaluates <paramref name="values"/> from now on.</summary>
    void Show(IReadOnlyList<TrainedTensor> values);

    /// <summary>A copy of everything that the next step depends on.</summary>
    TrainingState Read();

    /// <summary>Goes on from <paramref name="state"/>.</summary>
    void Write(TrainingState state);
}
