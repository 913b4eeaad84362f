using System.Text.RegularExpressions;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Names that trained tensors and heads have in a graph. Exporters name some parameters alike: those step aside.</summary>
static partial class ReservedNames
{
    internal static void Free(OnnxModel model)
    {
        var inputs = model.Graph.Inputs.Select(i => i.Name).ToHashSet();
        foreach (var name in GraphNames.All(model.Graph).Where(n => Reserved().IsMatch(n) && !inputs.Contains(n)).ToArray())
            GraphEdits.Rename(model, name, $"backbone.{name}");
    }

    [GeneratedRegex(@"^(layer\.\d+\.|(embeddings|final|prefix|classifier|pooling|projection|dropout|labels|tasks|heads)\.|group\.\d+\.|(prompt|loss|scores|mask|features|task_id)$)")]
    private static partial Regex Reserved();
}
