namespace OrtPeft.Graphs;

/// <summary>Raises a model's operator set where every operator keeps its meaning, so that newer operators can be used with it.</summary>
public static class OpsetUpgrade
{
    /// <summary>
    /// Opsets 13 to 16 become 17, which has LayerNormalization; between these no operator of an encoder changed its meaning.
    /// </summary>
    public static EditResult ToLayerNormalization(OnnxModel model)
    {
        if (model.Opset is < 13 or >= 17)
            return new EditResult(0, $"The model has opset {model.Opset}; only 13 to 16 can be raised to 17 as they are.");
        // BatchNormalization lost outputs in 14, RoiAlign another default in 16.
        if (model.Graph.Nodes.Find(n => n.IsStandard
            && (n.OpType == "RoiAlign" || (n.OpType == "BatchNormalization" && n.Outputs.Count > 1))) is { } changed)
            return new EditResult(0, $"{changed} would change its meaning.");
        var from = model.Opset;
        model.OpsetImports[""] = 17;
        model.IrVersion = Math.Max(model.IrVersion, 8);
        return new EditResult(1, $"The opset was raised from {from} to 17.");
    }
}
