namespace OrtPeft.Tests;

/// <summary>Progress at once, on the caller's thread; <see cref="Progress{T}"/> would be late.</summary>
sealed class Reports<T>(Action<T> use) : IProgress<T>
{
    public void Report(T value) => use(value);
}
