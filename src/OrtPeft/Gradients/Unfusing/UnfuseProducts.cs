using OrtPeft.Graphs;

namespace OrtPeft.Gradients;

/// <summary>Matrix products with transposition, scale or activation.</summary>
static class UnfuseProducts
{
    internal static string?[] FusedMatMul(UnfuseScope s)
    {
        if (s.Attribute("transBatchA", 0) != 0 || s.Attribute("transBatchB", 0) != 0)
            throw s.Error("transposes batch dimensions");
        var a = s.Attribute("transA", 0) != 0 ? s.SwapLastTwo(s.Input(0)) : s.Input(0);
        var b = s.Attribute("transB", 0) != 0 ? s.SwapLastTwo(s.Input(1)) : s.Input(1);
        var product = s.MatMul(a, b);
        var alpha = s.Attribute("alpha", 1f);
        return [alpha == 1 ? product : s.Mul(product, alpha)];
    }

    internal static string?[] FusedGemm(UnfuseScope s)
    {
        var names = new[] { "alpha", "beta", "transA", "transB" };
        var product = s.Node("Gemm", s.Current.Inputs, [.. s.Current.Attributes.Where(a => names.Contains(a.Name))]);
        return [s.Attribute("activation", "") switch
        {
            "" => product,
            "LeakyRelu" => s.Node("LeakyRelu", [product], new OnnxAttribute("alpha", s.Attribute("activation_alpha", 0.01f))),
            var activation => s.Node(activation, [product]),
        }];
    }
}
