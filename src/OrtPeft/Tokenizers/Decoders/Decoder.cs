namespace OrtPeft;

/// <summary>Turns tokens back into text: each decoder rewrites the list, and what is left at the end is joined.</summary>
abstract class Decoder
{
    internal abstract List<string> Apply(List<string> tokens);
}

/// <summary>A decoder that rewrites each token by itself; the first one has index 0.</summary>
sealed class TokenDecoder(Func<string, int, int, string> rewrite) : Decoder
{
    internal TokenDecoder(Func<string, string> rewrite)
        : this((token, _, _) => rewrite(token))
    {
    }

    internal override List<string> Apply(List<string> tokens) => [.. tokens.Select((t, i) => rewrite(t, i, tokens.Count))];
}
