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

    /// <summary>The same with GELU for tanh: GELU(W h + b), as the classifiers of ELECTRA and DeBERTa begin.</summary>
    PoolerGelu,

    /// <summary>The same with ReLU: max(0, W h + b), as the classifier of DistilBERT begins.</summary>
    PoolerRelu,

    /// <summary>The first token through a layer without bias and a norm with a trained scale: LayerNorm(GELU(W h)), as the classifier of ModernBERT begins.</summary>
    PoolerNorm,

    /// <summary>The same of the mean over all tokens.</summary>
    PoolerNormMean,
}
