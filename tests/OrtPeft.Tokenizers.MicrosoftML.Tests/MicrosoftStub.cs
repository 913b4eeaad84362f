using System.Buffers;

namespace Microsoft.ML.Tokenizers;

// Not the package: stand-ins, with the same names and signatures, for the members that the adapter uses (package version 2.0.0).

/// <summary>The base class of all tokenizers.</summary>
public abstract class Tokenizer
{
    /// <summary>Encodes to tokens.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(
        string text, out string? normalizedText, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var results = Encode(text, considerPreTokenization, considerNormalization, int.MaxValue);
        normalizedText = results.NormalizedText;
        return results.Tokens;
    }

    /// <summary>Encodes to ids, up to a number of them.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, int maxTokenCount, out string? normalizedText, out int charsConsumed)
    {
        var results = Encode(text, true, true, maxTokenCount);
        (normalizedText, charsConsumed) = (results.NormalizedText, results.CharsConsumed);
        return [.. results.Tokens.Select(t => t.Id)];
    }

    /// <summary>Decodes into a buffer.</summary>
    public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);

    /// <summary>What a tokenizer implements.</summary>
    protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);

    EncodeResults<EncodedToken> Encode(string text, bool preTokenization, bool normalization, int most) =>
        EncodeToTokens(null, text, new() { ConsiderPreTokenization = preTokenization, ConsiderNormalization = normalization, MaxTokenCount = most });
}

/// <summary>What is wanted of an encoding.</summary>
public struct EncodeSettings
{
    /// <summary>Whether to normalise.</summary>
    public bool ConsiderNormalization { get; set; }

    /// <summary>Whether to split into words.</summary>
    public bool ConsiderPreTokenization { get; set; }

    /// <summary>The most tokens to give.</summary>
    public int MaxTokenCount { get; set; }
}

/// <summary>What an encoding gives.</summary>
public struct EncodeResults<T>
{
    /// <summary>The tokens.</summary>
    public IReadOnlyList<T> Tokens { get; set; }

    /// <summary>The normalised text, if there is one.</summary>
    public string? NormalizedText { get; set; }

    /// <summary>How much of the text the tokens cover.</summary>
    public int CharsConsumed { get; set; }
}

/// <summary>One token.</summary>
public readonly struct EncodedToken(int id, string value, Range offset)
{
    /// <summary>Its id.</summary>
    public int Id { get; } = id;

    /// <summary>Its text.</summary>
    public string Value { get; } = value;

    /// <summary>Where it stands.</summary>
    public Range Offset { get; } = offset;
}
