using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Examples of one step, ready for the runtime: what the trained graph reads of them, and the right answers.</summary>
abstract class TrainingBatch(IReadOnlyList<int> examples, int length) : IDisposable
{
    /// <summary>The examples' places in their set.</summary>
    internal IReadOnlyList<int> Examples { get; } = examples;

    internal int Size => Examples.Count;

    /// <summary>Tokens of the longest example; 1 when there are no tokens.</summary>
    internal int Length { get; } = length;

    /// <summary>Tokens that are best computed in one run: more leave the processor's caches and cost memory.</summary>
    internal virtual int TokensPerRun => 4096;

    /// <summary>The right answers.</summary>
    internal TargetBatch Targets { get; init; } = new(TargetKind.Class, examples.Count, 1, weighted: false);

    /// <summary>The inputs of the graph for <paramref name="count"/> examples from <paramref name="start"/>; the caller disposes them before this batch.</summary>
    internal abstract IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count);

    internal IEnumerable<(string Name, OrtValue Value)> Inputs() => Inputs(0, Size);

    /// <summary>These and the right answers: the inputs of a training graph.</summary>
    internal IEnumerable<(string Name, OrtValue Value)> TrainingInputs(int start, int count) => Inputs(start, count).Concat(Targets.Inputs(start, count));

    /// <summary>Where the first frozen number stands that is none; null when all are finite.</summary>
    internal abstract string? FirstNonFinite();

    public abstract void Dispose();
}
