namespace OrtPeft;

/// <summary>Turns one piece of normalised text into tokens of a vocabulary.</summary>
abstract class TokenModel(Vocabulary vocabulary)
{
    internal Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>The token that is spelled as the text it stands for, not as in the vocabulary; -1 if there is none.</summary>
    internal virtual int SpelledAsText => -1;

    /// <summary>Appends the tokens of <paramref name="piece"/>, with spans that count from its start.</summary>
    internal abstract void Tokenize(ReadOnlySpan<char> piece, TokenList tokens);
}
