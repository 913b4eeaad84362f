namespace OrtPeft;

/// <summary>The tokens such as <c>&lt;0x0A&gt;</c> that stand for single bytes.</summary>
static class ByteTokens
{
    /// <summary>The id of the token for each byte, -1 where there is none.</summary>
    internal static int[] Find(Vocabulary vocabulary) => [.. Enumerable.Range(0, 256).Select(b => vocabulary.IdOf($"<0x{b:X2}>"))];

    /// <summary>The byte that a token stands for, or -1.</summary>
    internal static int ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var b) ? b : -1;
}
