namespace OrtPeft;

/// <summary>Changes values and moments by the gradients, in place.</summary>
interface IOptimizer : IDisposable
{
    /// <summary>Step number <paramref name="step"/>, from 1.</summary>
    void Apply(float learningRate, long step);
}
