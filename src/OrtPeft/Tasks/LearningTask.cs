using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>What is learned: what the right answers of a data set are, which loss and metrics fit, and how a head's scores become answers.</summary>
abstract record LearningTask
{
    /// <summary>Its name in the table, on the command line and in adapters.</summary>
    internal abstract string Name { get; }

    /// <summary>Names of the classes; empty when answers are numbers.</summary>
    internal abstract IReadOnlyList<string> Labels { get; }

    /// <summary>Scores of an example, or of a token.</summary>
    internal virtual int Outputs => Labels.Count;

    /// <summary>How right answers enter the loss.</summary>
    internal abstract TargetKind Target { get; }

    /// <summary>The metric that chooses the best epoch unless the user names another.</summary>
    internal abstract string SelectBy { get; }

    /// <summary>The loss and its settings.</summary>
    internal LossOptions LossOptions { get; init; } = new();

    /// <summary>The loss that is taken when the user names none.</summary>
    internal abstract string DefaultLoss { get; }

    /// <summary>1, or 2 when the texts of a pair pass the backbone one by one.</summary>
    internal virtual int TextsPerExample => 1;

    /// <summary>What passes the backbone for an example: it, or the texts of its pair one by one.</summary>
    internal virtual IEnumerable<Example> Texts(Example example) => [example];

    /// <summary>Reads the right answers of <paramref name="data"/>.</summary>
    /// <exception cref="OrtPeftException">One is missing or none of those known; the message says where.</exception>
    internal abstract Targets TargetsOf(TextData data, WordPlaces words);

    /// <summary>The answer that raw scores stand for.</summary>
    internal abstract Prediction Answer(Example example, ReadOnlySpan<float> scores, WordPlaces words);

    /// <summary>Compares raw scores with the right answers of the same examples.</summary>
    /// <param name="targets">The right answers of a data set.</param>
    /// <param name="scores">Raw scores of each of its examples.</param>
    /// <param name="examples">Which examples count, perhaps several times; null: all, once.</param>
    internal abstract EvaluationMetrics Measure(Targets targets, IReadOnlyList<float[]> scores, IReadOnlyList<int>? examples = null);

    /// <summary>Whether training leaves something open.</summary>
    internal virtual bool NeedsTuning => false;

    /// <summary>Settles on the dev part what training leaves open, such as thresholds.</summary>
    internal virtual LearningTask Tuned(Targets dev, IReadOnlyList<float[]> scores) => this;

    /// <summary>What adapter.json has to say so that the task can be made again.</summary>
    internal virtual TaskInfo Info => new() { Name = Name };

    /// <summary>The task's loss as nodes of a graph: a scalar.</summary>
    internal string Loss(GraphBuilder g, string scores, string target, string? weights) => Losses.Get(this).Build(LossOptions)(g, scores, target, weights);
}
