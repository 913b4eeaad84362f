namespace OrtPeft.Gradients;

/// <summary>Activations without a rule of their own.</summary>
static class UnfuseActivations
{
    /// <summary>x * sigmoid(alpha x).</summary>
    internal static string?[] QuickGelu(UnfuseScope s) => [s.Mul(s.Input(0), s.Sigmoid(s.Mul(s.Input(0), s.Attribute("alpha", 1.702f))))];
}
