using System.Collections.Immutable;

namespace OrtPeft;

/// <summary>A tokenized and truncated text or pair, still in working memory.</summary>
readonly ref struct EncodedText
{
    // A pair of long texts would give as many as the product of their windows.
    const int MostWindows = 100_000;

    readonly Tokenizer _owner;
    readonly EncodingWorkspace _workspace;
    readonly Template _template;

    internal EncodedText(Tokenizer owner, ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, EncodeOptions options, bool tracked)
    {
        _owner = owner;
        var truncation = Truncation.Resolve(owner.Parts.Truncation, options);
        _template = owner.Parts.PostProcessor.For(hasPair, options.AddSpecialTokens);
        _workspace = owner.Rent(Math.Max(text.Length, pair.Length));
        var (first, second) = (_workspace.First, _workspace.Second);
        // What is cut off at the end need not be tokenized.
        var stopsEarly = truncation is not null && !options.Overflow;
        owner.Pipeline.Run(text, tracked, stopsEarly ? truncation!.Enough(isFirst: true) : int.MaxValue, _workspace, first);
        second.Clear();
        if (hasPair)
            owner.Pipeline.Run(pair, tracked, stopsEarly ? truncation!.Enough(isFirst: false) : int.MaxValue, _workspace, second);

        _workspace.FirstWindows.Clear();
        _workspace.SecondWindows.Clear();
        if (truncation is null)
        {
            _workspace.FirstWindows.Add(new(0, first.Count));
            _workspace.SecondWindows.Add(new(0, second.Count));
            return;
        }
        var (firstCounted, secondCounted) = (truncation.Counted(first, isFirst: true), truncation.Counted(second, isFirst: false));
        var (firstLength, secondLength) = truncation.Lengths(firstCounted, hasPair ? secondCounted : -1, _template.SpecialCount);
        if (!options.Overflow)
        {
            truncation.Renumber(first, firstCounted);
            truncation.Renumber(second, secondCounted);
        }
        truncation.AddWindows(first.Count, firstLength, options.Overflow, _workspace.FirstWindows);
        truncation.AddWindows(second.Count, Math.Max(0, secondLength), options.Overflow, _workspace.SecondWindows);
    }

    internal int Length => EncodingAssembler.Length(_template, _workspace.FirstWindows[0], _workspace.SecondWindows[0]);

    internal void Write(Span<int> ids, Span<int> typeIds) => EncodingAssembler.Write(
        _template, _workspace.First, _workspace.FirstWindows[0], _workspace.Second, _workspace.SecondWindows[0], ids, typeIds);

    internal TokenEncoding Build(string text, string pair)
    {
        var (parts, template) = (_owner.Parts, _template);
        var (first, second) = (_workspace.FirstWindows, _workspace.SecondWindows);
        var a = new EncodedSequence(_workspace.First, text, CodePointIndex.Of(text));
        var b = new EncodedSequence(_workspace.Second, pair, CodePointIndex.Of(pair));
        var count = (long)first.Count * second.Count;
        if (count > MostWindows)
            throw new OrtPeftException($"Truncation would give {count} windows, more than {MostWindows}; cut the texts before, or allow longer windows.");
        // The order of the Hugging Face library: the later windows of the first text with all of the second, then the first with the rest.
        var overflow = ImmutableArray.CreateBuilder<TokenEncoding>((int)count - 1);
        foreach (var window in first.Skip(1))
            overflow.AddRange(second.Select(other => EncodingAssembler.Build(parts, template, a, window, b, other, [])));
        overflow.AddRange(second.Skip(1).Select(other => EncodingAssembler.Build(parts, template, a, first[0], b, other, [])));
        return EncodingAssembler.Build(parts, template, a, first[0], b, second[0], overflow.MoveToImmutable());
    }

    public void Dispose() => _owner.Return(_workspace);
}
