namespace OrtPeft.Graphs.Shapes;

/// <summary>Loss operators.</summary>
static class LossShapes
{
    internal static void SoftmaxCrossEntropy(ShapeContext c)
    {
        c.Set(0, c.Type(0), Loss(c));
        c.Set(1, c.Type(0), c.Shape(0));
    }

    internal static void NegativeLogLikelihood(ShapeContext c) => c.Set(0, c.Type(0), Loss(c));

    static Dim[]? Loss(ShapeContext c)
    {
        if (c.Shape(0) is { } scores && c.Shape(1) is { } labels && scores.Length != labels.Length + 1)
            throw c.Error("needs labels with one dimension less than the scores");
        return c.Node.Text("reduction", "mean") == "none" ? c.Shape(1) : [];
    }
}
