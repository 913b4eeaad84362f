namespace OrtPeft;

/// <summary>Turns one piece of normalised text into tokens of a vocabulary.</summary>
abstract class TokenModel(Vocabulary vocabulary)
{
    internal Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>Appends the tokens of <paramref name="piece"/>, with spans that count from its start.</summary>
    internal abstract void Tokenize(ReadOnlySpan<char> piece, TokenList tokens);
}
