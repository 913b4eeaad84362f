namespace OrtPeft;

/// <summary>How the features of a text's tokens become one vector.</summary>
public enum PoolingKind
{
    /// <summary>Mean over all tokens, special tokens included.</summary>
    Mean,

    /// <summary>The first token.</summary>
    Cls,

    /// <summary>Maximum over all tokens, element by element.</summary>
    Max,

    /// <summary>Weighted mean with trained weights: softmax(tokens q / sqrt(width)), q trained.</summary>
    Attention,

    /// <summary>The first token through a trained layer: tanh(W h + b), W [width, width], as the classifiers of BERT and RoBERTa begin.</summary>
    Pooler,
}
