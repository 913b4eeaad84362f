namespace OrtPeft;

/// <summary>One example as the backbone reads it: of a text, or pair of texts, the token ids and, for pairs, the segment of each; or an image, which is prepared when its run comes.</summary>
readonly record struct EncodedExample(int[] Ids, byte[]? TypeIds = null)
{
    internal ImageSource? Image { get; init; }

    internal int ImageTokens { get; init; }

    internal int Length => Image is null ? Ids.Length : ImageTokens;

    /// <summary>Tokenizes <paramref name="example"/>, special tokens included, cut to at most <paramref name="maxLength"/> tokens.</summary>
    internal static EncodedExample Of(Tokenizer tokenizer, Example example, int maxLength)
    {
        var options = Options(maxLength);
        if (example.TextPair is null)
            return new EncodedExample(tokenizer.EncodeIds(example.Text, null, options));
        var encoding = tokenizer.Encode(example.Text, example.TextPair, options);
        return new EncodedExample([.. encoding.Ids], [.. encoding.TypeIds.Select(t => (byte)t)]);
    }

    /// <summary>Writes what an input of the backbone reads of a batch: [batch, length], padded at the right.</summary>
    internal static void Fill(Backbone backbone, string input, ReadOnlySpan<EncodedExample> batch, int length, Span<long> target)
    {
        var role = backbone.RoleOf(input);
        target.Fill(role == InputRole.Ids ? backbone.RequireTokenizer().PadId : 0);
        for (var row = 0; row < batch.Length; row++)
        {
            var tokens = batch[row];
            var line = target.Slice(row * length, tokens.Length);
            switch (role)
            {
                case InputRole.Ids:
                    for (var i = 0; i < line.Length; i++)
                        line[i] = tokens.Ids[i];
                    break;
                case InputRole.Mask:
                    line.Fill(1);
                    break;
                case InputRole.TypeIds when tokens.TypeIds is { } types:
                    for (var i = 0; i < line.Length; i++)
                        line[i] = types[i];
                    break;
            }
        }
    }

    /// <summary>How every text is tokenized.</summary>
    internal static EncodeOptions Options(int maxLength) =>
        new() { MaxLength = maxLength, Truncation = TruncationStrategy.LongestFirst, TruncationSide = TokenSide.Right };
}
