using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace OrtPeft;

/// <summary>An OrtPeft tokenizer as a <see cref="Microsoft.ML.Tokenizers.Tokenizer"/>. Safe for many threads.</summary>
/// <param name="tokenizer">The tokenizer that does the work.</param>
/// <param name="addSpecialTokens">Whether special tokens such as [CLS] and [SEP] are added.</param>
public sealed class MicrosoftTokenizer(Tokenizer tokenizer, bool addSpecialTokens = true) : Microsoft.ML.Tokenizers.Tokenizer
{
    readonly EncodeOptions _options = new() { AddSpecialTokens = addSpecialTokens, MaxLength = int.MaxValue };

    /// <summary>Decodes ids, special tokens left out, into a buffer of the caller.</summary>
    /// <returns>Done, or DestinationTooSmall with nothing written.</returns>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int[] all = [.. ids];
        var text = tokenizer.Decode(all);
        var fits = text.TryCopyTo(destination);
        (idsConsumed, charsWritten) = fits ? (all.Length, text.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <summary>Encodes a text; given as a string or, when that is null, as a span.</summary>
    /// <exception cref="NotSupportedException">Normalization or pre-tokenization is switched off.</exception>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
            throw new NotSupportedException("The tokens of a model are defined with its normalizer and pre-tokenizer; leave considerNormalization and considerPreTokenization true.");
        text ??= textSpan.ToString();
        var encoding = tokenizer.Encode(text, options: _options);
        var count = Math.Min(settings.MaxTokenCount, encoding.Length);
        var tokens = new EncodedToken[count];
        for (var i = 0; i < count; i++)
            tokens[i] = new(encoding.Ids[i], encoding.Tokens[i], encoding.Offsets[i].Start..encoding.Offsets[i].End);
        return new()
        {
            Tokens = tokens,
            CharsConsumed = count == encoding.Length ? text.Length : encoding.Offsets.Take(count).Select(o => o.End).DefaultIfEmpty().Max(),
        };
    }
}
