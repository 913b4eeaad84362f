using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// DoRA (Liu et al., arXiv 2402.09353): y = x (W + V) m / ||W + V|| + b, where V is what LoRA adds and the norms are those of the columns of W + V [in, out].
/// m [out] is trained and starts at ||W||. As the paper's section 4.3 does, the norm is a constant to the gradient.
/// </summary>
static class Dora
{
    /// <param name="scope">The graph.</param>
    /// <param name="name">The site's name.</param>
    /// <param name="site">The linear layer.</param>
    /// <param name="term">x V of an input x.</param>
    /// <param name="product">V: [in, out].</param>
    internal static void Hook(HookScope scope, string name, LinearSite site, Func<string, string> term, string product)
    {
        if (site.IsQuantized)
            throw new OrtPeftException($"lora: '{name}' of '{scope.Backbone.Name}' is quantized, and DoRA needs its weight. Leave dora out, or take the model that is not quantized.");
        var g = scope.Graph;
        var weight = new WeightMatrix(site.Weight.Tensor.ToFloats(), site);
        var magnitude = scope.Train(name + Lora.Magnitude, Initial.From(new TrainedTensor("", [weight.Columns], weight.ColumnNorms())), weight.Columns);
        var norms = g.Sqrt(g.ReduceSum(g.Pow(g.Add(scope.WeightOf(site), product), g.Constant(2f)), [0], keepDims: false));
        var factor = g.Div(magnitude, g.StopGradient(norms));
        scope.After(site, name, (x, y) =>
        {
            var withoutBias = site.Bias is null ? y : g.Sub(y, scope.BiasOf(site));
            // y + (f - 1) (y - b) + f x V = f (x W + x V) + b.
            return g.Add(y, g.Add(g.Mul(withoutBias, g.Add(factor, -1)), g.Mul(term(x), factor)));
        });
    }
}
