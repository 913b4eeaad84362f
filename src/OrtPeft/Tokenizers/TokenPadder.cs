namespace OrtPeft;

/// <summary>Fills encodings up to equal lengths.</summary>
static class TokenPadder
{
    internal static TokenEncoding[] Pad(TokenEncoding[] encodings, TokenPadding padding)
    {
        var length = padding.Length ?? encodings.Select(e => e.Length).DefaultIfEmpty().Max();
        if (padding.MultipleOf is > 0 and var multiple)
            length = checked((length + multiple - 1) / multiple * multiple);
        return [.. encodings.Select(e => e.Pad(length, padding))];
    }
}
