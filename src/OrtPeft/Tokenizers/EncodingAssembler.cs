using System.Collections.Immutable;

namespace OrtPeft;

/// <summary>Puts windows of one or two tokenized sequences together as a template says.</summary>
static class EncodingAssembler
{
    internal static int Length(Template template, TokenWindow first, TokenWindow second)
    {
        var length = template.SpecialCount;
        foreach (var item in template.Items)
            length += item.Sequence switch { 0 => first.Count, 1 => second.Count, _ => 0 };
        return length;
    }

    /// <summary>Writes ids and, if wanted, type ids; nothing else is computed.</summary>
    internal static void Write(
        Template template, TokenList a, TokenWindow first, TokenList b, TokenWindow second, Span<int> ids, Span<int> typeIds)
    {
        var position = 0;
        foreach (var item in template.Items)
        {
            var source = item.Sequence switch
            {
                0 => a.Ids.Slice(first.Start, first.Count),
                1 => b.Ids.Slice(second.Start, second.Count),
                _ => item.Ids,
            };
            source.CopyTo(ids[position..]);
            if (!typeIds.IsEmpty)
                typeIds.Slice(position, source.Length).Fill(item.TypeId);
            position += source.Length;
        }
    }

    internal static TokenEncoding Build(
        TokenizerParts parts,
        Template template,
        EncodedSequence a,
        TokenWindow first,
        EncodedSequence b,
        TokenWindow second,
        ImmutableArray<TokenEncoding> overflow)
    {
        var length = Length(template, first, second);
        var (ids, words) = (GC.AllocateUninitializedArray<int>(length), GC.AllocateUninitializedArray<int>(length));
        Write(template, a.Tokens, first, b.Tokens, second, ids, default);
        var offsets = new TextSpan[length];
        var codePoints = a.Positions.IsIdentity && b.Positions.IsIdentity ? offsets : new TextSpan[length];
        var runs = new TokenRun[template.Items.Length];
        var position = 0;
        for (var item = 0; item < runs.Length; item++)
        {
            var (sequence, specials, typeId) = template.Items[item];
            var (source, window) = sequence == 1 ? (b, second) : (a, first);
            var count = sequence < 0 ? specials.Length : window.Count;
            runs[item] = new(count, sequence, typeId);
            if (sequence < 0)
            {
                words.AsSpan(position, count).Fill(-1);
            }
            else
            {
                source.Tokens.Words.Slice(window.Start, count).CopyTo(words.AsSpan(position));
                source.Tokens.Spans.Slice(window.Start, count).CopyTo(offsets.AsSpan(position));
                if (parts.PostProcessor.Trim is { } trim)
                    Trim(trim, parts, source, window, offsets.AsSpan(position, count));
                for (var i = position; codePoints != offsets && i < position + count; i++)
                    codePoints[i] = source.Positions.Convert(offsets[i]);
            }
            position += count;
        }
        return new(ids, offsets, codePoints, words, runs, parts.Vocabulary, "", overflow);
    }

    static void Trim(OffsetTrim trim, TokenizerParts parts, EncodedSequence source, TokenWindow window, Span<TextSpan> offsets)
    {
        for (var i = 0; i < offsets.Length; i++)
        {
            var token = window.Start + i;
            var spaces = source.Tokens.EndSpacesOf(token) ?? EndSpaces.Of(parts.Vocabulary[source.Tokens.Ids[token]]);
            offsets[i] = trim.Apply(offsets[i], spaces, i, source.Text);
        }
    }
}

/// <summary>The tokens of one sequence, its text, and where its code points are.</summary>
readonly record struct EncodedSequence(TokenList Tokens, string Text, CodePointIndex Positions);
