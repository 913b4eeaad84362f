namespace OrtPeft.Tests;

/// <summary>Progress at once, on the caller's thread.</summary>
sealed class Reports(Action<TuningProgress> use) : IProgress<TuningProgress>
{
    public void Report(TuningProgress value) => use(value);
}
