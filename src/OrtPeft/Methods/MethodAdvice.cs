namespace OrtPeft;

/// <summary>A method that usually fits, and why; the numbers are those of the mails in the README.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Reason">One sentence.</param>
public sealed record MethodAdvice(string Method, string Reason)
{
    /// <summary>By how much there is to learn from.</summary>
    internal static MethodAdvice For(int examples, LearningTask task) => (examples, task) switch
    {
        (_, SimilarityTask) => new(LinearProbeOptions.Name, "for the similarity of pairs a linear map on frozen features is trained in seconds."),
        ( < 100, _) => new(LogisticRegressionOptions.Name, $"{examples} examples are few: more than a linear layer on frozen features learns them by heart."),
        ( < 1000, _) => new(LoraOptions.Name, $"with {examples} examples tuning inside the backbone gains two to three points over frozen features."),
        _ => new(LayerNormOptions.Name, $"with {examples} examples the norms alone reach what LoRA does; for a result in seconds take {MlpOptions.Name}, about a point below."),
    };
}
