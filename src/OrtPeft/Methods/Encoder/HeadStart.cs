namespace OrtPeft;

/// <summary>The head that training inside the model begins with.</summary>
public enum HeadStart
{
    /// <summary>Small random weights.</summary>
    Random,

    /// <summary>A linear probe on the frozen features.</summary>
    LinearProbe,

    /// <summary>Logistic regression on the frozen features, brought to its optimum.</summary>
    LogisticRegression,
}

/// <summary>The stage that trains a head on the frozen features, so that the first steps inside the model follow one that knows them (Kumar et al., arXiv 2202.10054).</summary>
static class HeadStage
{
    internal static Stage Of(EncoderMethodOptions options) => Of(options.Head == HeadStart.LinearProbe ? new LinearProbeOptions { Pooling = options.Pooling } : new LogisticRegressionOptions { Pooling = options.Pooling });

    static Stage Of(MethodOptions head) => new(head.Method)
    {
        Method = _ => head,
        Planned = head,
        // What the user chose of steps and rates is for training inside the model.
        Training = chosen => new TrainingOptions { Seed = chosen.Seed, SelectBy = chosen.SelectBy, KeepLast = chosen.KeepLast },
    };
}
