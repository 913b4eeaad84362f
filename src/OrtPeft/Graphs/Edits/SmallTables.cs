namespace OrtPeft.Graphs;

/// <summary>
/// Tables kept in half precision, such as word embeddings: the rows that are looked up are converted, not the whole table, which the runtime would
/// otherwise convert when it loads the model and hold in float32. The same bits.
/// </summary>
static class SmallTables
{
    /// <summary>Gather(Cast(table), ids) becomes Cast(Gather(table, ids)) wherever nothing else reads the converted table.</summary>
    internal static void Apply(OnnxModel model)
    {
        var nodes = model.Graph.Nodes;
        var tables = model.Graph.Initializers.Where(t => t.ElementType is OnnxType.Float16 or OnnxType.BFloat16).Select(t => t.Name).ToHashSet();
        foreach (var cast in nodes.Where(n => n.Key == "Cast" && tables.Contains(n.Input(0))).ToArray())
        {
            var converted = cast.Output(0);
            var readers = nodes.Where(n => n.Inputs.Contains(converted) || GraphNames.Captured(n).Contains(converted)).ToArray();
            if (readers.Length == 0 || model.Graph.Outputs.Exists(o => o.Name == converted) || readers.Any(r => r.Key != "Gather" || r.Input(0) != converted || r.Input(1) == converted))
                continue;
            foreach (var gather in readers)
            {
                var (rows, asStored) = (gather.Output(0), $"{gather.Output(0)}/as-stored");
                gather.Inputs[0] = cast.Input(0);
                gather.Outputs[0] = asStored;
                var conversion = new OnnxNode("Cast", [asStored], [rows], asStored);
                conversion.Attributes.AddRange(cast.Attributes);
                nodes.Insert(nodes.IndexOf(gather) + 1, conversion);
            }
            nodes.Remove(cast);
        }
    }
}
