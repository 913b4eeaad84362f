using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace OrtPeft;

/// <summary>
/// Turns text into exactly the tokens a model was pretrained with, and back. Reads Hugging Face's <c>tokenizer.json</c> and the older files
/// that came before it; whatever in such a file cannot be carried out exactly is refused by name. Immutable and safe for many threads.
/// </summary>
public sealed class Tokenizer
{
    const int StreamChunk = 256;

    // In characters or tokens. Working memory for longer texts is kept once, not once a thread, and for the longest not at all.
    const int UsualText = 1 << 17, LongestText = 1 << 24;

    readonly TokenizerParts _parts;
    readonly Dictionary<int, (string Text, bool Special)> _decodedAdded;
    readonly ConcurrentBag<EncodingWorkspace> _workspaces = [];
    EncodingWorkspace? _largeWorkspace;

    internal Tokenizer(TokenizerParts parts, string sha256)
    {
        _parts = parts;
        Sha256 = sha256;
        Pipeline = parts.CreatePipeline();
        _decodedAdded = parts.DecodedAddedTokens();
    }

    internal TokenizerParts Parts => _parts;

    internal EncodingPipeline Pipeline { get; }

    /// <summary>SHA-256 of the file it was loaded from, in lower-case hexadecimal; of all files one after the other if there were several.</summary>
    public string Sha256 { get; }

    /// <summary>The number of tokens, added ones included; ids are smaller than this.</summary>
    public int VocabularySize => _parts.Vocabulary.Count;

    /// <summary>The id that fills up short texts; 0 for a model without such a token, whose attention mask must then hide it.</summary>
    public int PadId => _parts.PadId;

    /// <summary>The token that fills up short texts, if the model has one.</summary>
    public string? PadToken => _parts.PadToken;

    /// <summary>The padding that the tokenizer's file asks for. It is carried out only when given to <see cref="EncodeOptions.Padding"/>.</summary>
    public TokenPadding? Padding => _parts.Padding;

    /// <summary>The length that the tokenizer's file truncates to when <see cref="EncodeOptions.MaxLength"/> says nothing.</summary>
    public int? MaxLength => _parts.Truncation?.MaxLength;

    /// <summary>Loads a tokenizer.</summary>
    /// <param name="path">A model folder, or a <c>tokenizer.json</c>.</param>
    /// <exception cref="OrtPeftException">The file is missing, broken, or asks for something that cannot be done exactly.</exception>
    public static Tokenizer Load(string path) => TokenizerFiles.Load(path);

    /// <summary>The id of a token as the vocabulary spells it, or null.</summary>
    public int? TokenToId(string token) => _parts.Vocabulary.IdOf(token) is >= 0 and var id ? id : null;

    /// <summary>The token with an id, or null.</summary>
    public string? IdToToken(int id) => (uint)id < (uint)_parts.Vocabulary.Count ? _parts.Vocabulary[id] : null;

    /// <summary>The number of special tokens that are added to a text, or to a pair.</summary>
    public int SpecialTokenCount(bool pair) => _parts.PostProcessor.For(pair, specials: true).SpecialCount;

    /// <summary>Encodes a text, or a pair of texts, with everything there is to know about the tokens.</summary>
    public TokenEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        var encoding = EncodeUnpadded(text, pair, options);
        return options.Padding is { } padding ? TokenPadder.Pad([encoding], Complete(padding))[0] : encoding;
    }

    /// <summary>Encodes to ids only, which is several times faster; the same ids as <see cref="Encode"/> without padding.</summary>
    public int[] EncodeIds(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var encoded = new EncodedText(this, text, pair, pair is not null, options ?? EncodeOptions.Default, tracked: false);
        var ids = GC.AllocateUninitializedArray<int>(encoded.Length);
        encoded.Write(ids, default);
        return ids;
    }

    /// <summary>Encodes to ids, and type ids if wanted, appended to buffers of the caller; allocates nothing itself.</summary>
    /// <returns>The number of tokens written.</returns>
    public int EncodeIds(ReadOnlySpan<char> text, IBufferWriter<int> ids, IBufferWriter<int>? typeIds = null, EncodeOptions? options = null) =>
        EncodeIds(text, default, hasPair: false, ids, typeIds, options);

    /// <summary>The same for a pair of texts.</summary>
    /// <returns>The number of tokens written.</returns>
    public int EncodeIds(
        ReadOnlySpan<char> text, ReadOnlySpan<char> pair, IBufferWriter<int> ids, IBufferWriter<int>? typeIds = null, EncodeOptions? options = null) =>
        EncodeIds(text, pair, hasPair: true, ids, typeIds, options);

    /// <summary>Encodes many texts on all cores; results in the order of the texts.</summary>
    public IReadOnlyList<TokenEncoding> EncodeBatch(
        IReadOnlyList<string> texts, EncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return EncodeBatch(texts.Count, i => (texts[i], null), options, cancellationToken);
    }

    /// <summary>Encodes many pairs on all cores; results in the order of the pairs. A pair whose second text is null is a single text.</summary>
    public IReadOnlyList<TokenEncoding> EncodeBatch(
        IReadOnlyList<(string Text, string? Pair)> pairs, EncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return EncodeBatch(pairs.Count, i => pairs[i], options, cancellationToken);
    }

    /// <summary>Encodes a stream of texts, a few hundred at a time on all cores; results in the order of the texts, at no more memory than those.</summary>
    /// <exception cref="OrtPeftException">Padding to the longest is asked for, which a stream does not have.</exception>
    public async IAsyncEnumerable<TokenEncoding> EncodeAsync(
        IAsyncEnumerable<string> texts, EncodeOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (options?.Padding is { Length: null })
            throw new OrtPeftException("A stream has no longest text to pad to; give TokenPadding.Length.");
        var chunk = new List<string>(StreamChunk);
        await foreach (var text in texts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(text);
            if (chunk.Count < StreamChunk)
                continue;
            foreach (var encoding in EncodeBatch(chunk, options, cancellationToken))
                yield return encoding;
            chunk.Clear();
        }
        foreach (var encoding in EncodeBatch(chunk, options, cancellationToken))
            yield return encoding;
    }

    /// <summary>The text of tokens. Unknown ids are left out, and so are special tokens unless wanted.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            var (token, special) = _decodedAdded.TryGetValue(id, out var added) ? added : (IdToToken(id), false);
            if (token is not null && !(skipSpecialTokens && special))
                tokens.Add(token);
        }
        return _parts.Decoder is { } decoder ? string.Concat(decoder.Apply(tokens)) : string.Join(' ', tokens);
    }

    internal EncodingWorkspace Rent(int length)
    {
        if (length > UsualText && Interlocked.Exchange(ref _largeWorkspace, null) is { } large)
            return large;
        return _workspaces.TryTake(out var free) ? free : new();
    }

    internal void Return(EncodingWorkspace workspace)
    {
        if (workspace.Capacity <= UsualText)
            _workspaces.Add(workspace);
        else if (workspace.Capacity <= LongestText)
            _largeWorkspace = workspace;
    }

    TokenEncoding[] EncodeBatch(int count, Func<int, (string Text, string? Pair)> item, EncodeOptions? options, CancellationToken cancellationToken)
    {
        options ??= EncodeOptions.Default;
        var encodings = new TokenEncoding[count];
        var errors = new ConcurrentDictionary<int, OrtPeftException>();
        Parallel.For(0, count, new() { CancellationToken = cancellationToken }, (i, state) =>
        {
            try
            {
                var (text, pair) = item(i);
                encodings[i] = EncodeUnpadded(text, pair, options);
            }
            catch (OrtPeftException e)
            {
                errors[i] = e;
                state.Break();
            }
        });
        if (!errors.IsEmpty)
        {
            var first = errors.MinBy(e => e.Key);
            throw new OrtPeftException($"Text {first.Key} of the batch (the first is 0): {first.Value.Message}", first.Value);
        }
        return options.Padding is { } padding ? TokenPadder.Pad(encodings, Complete(padding)) : encodings;
    }

    TokenEncoding EncodeUnpadded(string text, string? pair, EncodeOptions options)
    {
        using var encoded = new EncodedText(this, text, pair, pair is not null, options, tracked: true);
        return encoded.Build(text, pair ?? "");
    }

    int EncodeIds(
        ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, IBufferWriter<int> ids, IBufferWriter<int>? typeIds, EncodeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var encoded = new EncodedText(this, text, pair, hasPair, options ?? EncodeOptions.Default, tracked: false);
        var length = encoded.Length;
        encoded.Write(ids.GetSpan(length), typeIds is null ? default : typeIds.GetSpan(length));
        ids.Advance(length);
        typeIds?.Advance(length);
        return length;
    }

    TokenPadding Complete(TokenPadding padding) => padding with { Id = padding.Id ?? PadId, Token = padding.Token ?? PadToken ?? "" };
}
