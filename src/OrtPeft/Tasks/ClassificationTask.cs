using System.Numerics.Tensors;

namespace OrtPeft;

/// <summary>One of several labels for a text or a pair of texts that are read together.</summary>
sealed record ClassificationTask(LabelSet Names) : LearningTask
{
    internal const string TaskName = "classification";

    internal ClassificationTask(IEnumerable<string> labels) : this(new LabelSet(labels))
    {
    }

    internal override string Name => TaskName;

    internal override IReadOnlyList<string> Labels => Names;

    internal override TargetKind Target => TargetKind.Class;

    internal override string SelectBy => "macroF1";

    internal override string DefaultLoss => CrossEntropyLoss.Name;

    internal override Targets TargetsOf(TextData data, WordPlaces words) => Targets.Of(Names.IndexesOf(data));

    internal override Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words) => Prediction.Of(Names, scores);

    internal override EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null)
    {
        var confusion = new ConfusionMatrix(Names.Count);
        foreach (var example in examples ?? [.. Enumerable.Range(0, targets.Count)])
            confusion.Add(targets.Class(example), TensorPrimitives.IndexOfMax<float>(scores[example]));
        return new ClassificationMetrics(Names, confusion);
    }
}
