using Microsoft.ML.OnnxRuntime;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Which of the inputs and outputs of artifacts are features, mask, labels and scores; found by type and rank, since names are free.</summary>
sealed record ArtifactInputs(IReadOnlyList<OnnxValueInfo> Order, OnnxValueInfo Features, OnnxValueInfo? Mask, OnnxValueInfo Labels, OnnxValueInfo Scores)
{
    internal bool ReadsTokens => Features.Shape!.Count == 3;

    /// <exception cref="OrtPeftException">They are not those of a head on frozen features.</exception>
    internal static ArtifactInputs Of(OrtArtifacts artifacts)
    {
        var inputs = artifacts.UserInputs(artifacts.EvalModel);
        var features = inputs.Where(i => i.ElementType == OnnxType.Float && i.Shape is { Count: 3 }).DefaultIfEmpty(inputs.FirstOrDefault(i => i.ElementType == OnnxType.Float && i.Shape is { Count: 2 })).First();
        var labels = inputs.FirstOrDefault(i => i.ElementType == OnnxType.Int64 && i.Shape is { Count: 1 });
        var rest = inputs.Where(i => i != features && i != labels).ToArray();
        var mask = rest.FirstOrDefault(i => features?.Shape!.Count == 3 && i.Shape is { Count: 2 } && i.ElementType is OnnxType.Float or OnnxType.Int64 or OnnxType.Int32 or OnnxType.Bool);
        if (features is null || labels is null || rest.Any(i => i != mask))
        {
            throw new OrtPeftException($"the artifacts take {string.Join("; ", inputs)}. Expected features float[batch, width], or float[batch, tokens, width] and perhaps a mask " +
                "[batch, tokens]; and labels int64[batch].");
        }
        var scores = artifacts.EvalModel.Graph.Outputs.Skip(1).FirstOrDefault(o => o.ElementType == OnnxType.Float && o.Shape is null or { Count: 2 })
            ?? throw new OrtPeftException($"{ArtifactNames.EvalModel} gives {string.Join("; ", artifacts.EvalModel.Graph.Outputs)}; expected the loss and scores float[batch, labels]. " +
                "Generate the artifacts with additional_output_names=[\"logits\"].");
        return new ArtifactInputs(inputs, features, mask, labels, scores);
    }

    /// <summary>A batch as the artifacts take it; the caller disposes the values before the batch.</summary>
    internal List<OrtValue> Values(FeatureBatch batch)
    {
        var memory = OrtMemoryInfo.DefaultInstance;
        var own = batch.Inputs().ToDictionary(i => i.Name, i => i.Value);
        var values = new List<OrtValue>();
        foreach (var input in Order)
        {
            if (input == Features)
                values.Add(own[HeadGraph.FeaturesInput]);
            else if (input == Labels)
                values.Add(batch.Targets.Inputs(0, batch.Size).First().Value);
            else if (Mask!.ElementType == OnnxType.Float)
                values.Add(own[HeadGraph.MaskInput]);
            else
                values.Add(Mask.ElementType switch
                {
                    OnnxType.Int64 => Converted(m => (long)m),
                    OnnxType.Int32 => Converted(m => (int)m),
                    _ => Converted(m => m != 0),
                });
        }
        foreach (var unused in own.Values.Except(values))
            unused.Dispose();
        return values;

        OrtValue Converted<T>(Func<float, T> convert)
            where T : unmanaged
        {
            var mask = new T[batch.Mask.Length];
            for (var i = 0; i < mask.Length; i++)
                mask[i] = convert(batch.Mask[i]);
            return OrtValue.CreateTensorValueFromMemory(memory, mask.AsMemory(), [batch.Size, batch.Length]);
        }
    }
}
