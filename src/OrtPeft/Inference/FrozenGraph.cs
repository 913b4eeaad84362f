using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>The part of a backbone before a site, as it is run: inputs of the backbone in, the site's tensors out as float32, whatever it computes in.</summary>
sealed class FrozenGraph(Backbone backbone, FeatureSite site)
{
    internal Backbone Backbone => backbone;

    internal FeatureSite Site => site;

    /// <summary>Whether nothing is cut: then the model's own file is opened.</summary>
    bool IsWhole => site.Tensors is [var only] && only.Name == backbone.LastHiddenState;

    /// <summary>Opens it on a device of <paramref name="execution"/>.</summary>
    internal InferenceSession Open(ExecutionOptions execution, int device, int intraOpThreads)
    {
        using var options = OrtSession.Options(intraOpThreads, execution, device);
        return Open(execution, options);
    }

    /// <summary>Opens it with <paramref name="options"/>.</summary>
    internal InferenceSession Open(ExecutionOptions execution, SessionOptions options) => execution.EffectiveOptions.Frozen switch
    {
        FrozenPrecision.Fp16 => OrtSession.FromModel(Cut(OnnxType.Float16), options, execution),
        FrozenPrecision.Bf16 => OrtSession.FromModel(Cut(OnnxType.BFloat16), options, execution),
        _ when IsWhole => OrtSession.FromFile(backbone.ModelPath, options, execution),
        _ => OrtSession.FromModel(Cut(), options, execution),
    };

    /// <summary>The site's tensors, by their names in <paramref name="session"/>.</summary>
    internal string[] OutputsOf(InferenceSession session) => IsWhole ? [backbone.LastHiddenState] : [.. session.OutputNames];

    /// <summary>The part alone, computing as the model says or in <paramref name="half"/> precision.</summary>
    OnnxModel Cut(OnnxType? half = null)
    {
        string[] outputs = [.. site.Tensors.Select(t => t.Name)];
        var prefix = LastLayers.CountOf(site.Name) is { } layers ? LastLayers.Prefix(backbone, layers) : GraphCut.Prefix(backbone.Model, outputs);
        ToFloat32(prefix);
        if (half is { } type)
            HalfPrecision.Apply(prefix, type);
        return prefix;
    }

    /// <summary>Outputs of other floating-point types are converted in the graph.</summary>
    static void ToFloat32(OnnxModel model)
    {
        if (model.Graph.Outputs.TrueForAll(o => o.ElementType == OnnxType.Float))
            return;
        var outputs = model.Graph.Outputs.Select(o => o.Name).ToArray();
        var builder = GraphBuilder.Edit(model);
        string[] cast = [.. outputs.Select(o => builder.Cast(o, OnnxType.Float))];
        model.Graph.Outputs.Clear();
        foreach (var output in cast)
            builder.Output(output);
    }
}
