namespace OrtPeft;

/// <summary>Finds the pooler: a linear layer with Tanh that reads one token of the last hidden state.</summary>
static class PoolerRecogniser
{
    internal static LinearSite? Find(EncoderGraph g, string lastHiddenState) => g.NextLinears(lastHiddenState).FirstOrDefault(linear =>
        (linear.Node.OpType == "FusedGemm" && linear.Node.Text("activation", "") == "Tanh") || g.Index.Consumers(linear.Behind).Any(u => u.Node.OpType == "Tanh"));
}
