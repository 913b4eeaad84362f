namespace OrtPeft;

/// <summary>
/// Cuts sequences to a length, and says which windows what was cut off makes. As in the Hugging Face library, a sequence counts only up to
/// the word with which it reaches the length by itself; which of two long sequences is the longer depends on that.
/// </summary>
sealed record Truncation(int MaxLength, TruncationStrategy Strategy, TokenSide Side, int Stride)
{
    internal static Truncation Read(JsonPart json) => new(
        json.Natural("max_length"),
        json["strategy"].OneOf<TruncationStrategy>(TruncationStrategy.LongestFirst),
        json["direction"].OneOf<TokenSide>(TokenSide.Right),
        json.Natural("stride"));

    /// <summary>What the options say, and for what they leave open, what the file says. Null: nothing is cut.</summary>
    internal static Truncation? Resolve(Truncation? file, EncodeOptions options)
    {
        if ((options.MaxLength ?? file?.MaxLength) is not { } maxLength || maxLength == int.MaxValue)
            return null;
        var result = new Truncation(
            maxLength, options.Truncation ?? file?.Strategy ?? default, options.TruncationSide ?? file?.Side ?? default, options.Stride ?? file?.Stride ?? 0);
        return result.MaxLength >= 0 && result.Stride >= 0
            ? result
            : throw new OrtPeftException($"MaxLength is {result.MaxLength} and Stride {result.Stride}; both must be 0 or more.");
    }

    /// <summary>
    /// How many tokens of a sequence count: up to the end, on the side that is kept, of the word with which there are <see cref="MaxLength"/>.
    /// An added token does not end the count, and a first text that may not be shortened counts in full.
    /// </summary>
    internal int Counted(TokenList tokens, bool isFirst)
    {
        var words = tokens.Words;
        if (MayNotShrink(isFirst))
            return words.Length;
        var count = 0;
        while (count < words.Length)
        {
            var word = words[At(count)];
            while (count < words.Length && words[At(count)] == word)
                count++;
            if (count >= MaxLength && !tokens.IsAdded(word))
                break;
        }
        return count;

        int At(int index) => Side == TokenSide.Right ? index : tokens.Count - 1 - index;
    }

    /// <summary>After how many tokens tokenizing may stop, because no later one can be used.</summary>
    internal int Enough(bool isFirst) => Side == TokenSide.Right && !MayNotShrink(isFirst) ? MaxLength : int.MaxValue;

    bool MayNotShrink(bool isFirst) => isFirst && Strategy == TruncationStrategy.OnlySecond;

    /// <summary>Cut from the left, the words that do not count have no numbers either.</summary>
    internal void Renumber(TokenList tokens, int counted)
    {
        if (Side == TokenSide.Right || counted < MaxLength || counted == 0)
            return;
        var first = tokens.Words[^counted];
        foreach (ref var word in tokens.Words)
            word -= first;
    }

    /// <summary>The lengths that two sequences are cut to; <paramref name="second"/> is -1 for a single text.</summary>
    internal (int First, int Second) Lengths(int first, int second, int specials)
    {
        var room = MaxLength - specials;
        if (room < 0)
            throw new OrtPeftException($"MaxLength is {MaxLength}, but the special tokens alone are {specials}; allow more tokens.");
        var total = (long)first + Math.Max(0, second);
        if (total <= room)
            return (first, second);
        if (room == 0)
            return (0, Math.Min(0, second));
        return Strategy switch
        {
            TruncationStrategy.LongestFirst when second < 0 => (room, -1),
            TruncationStrategy.LongestFirst => LongestFirst(first, second, room),
            TruncationStrategy.OnlyFirst => (Shorten(first, total - room, "first"), second),
            _ when second < 0 => throw new OrtPeftException("Truncation is OnlySecond, but there is no second text; use LongestFirst or OnlyFirst."),
            _ => (first, Shorten(second, total - room, "second")),
        };
    }

    /// <summary>Adds the windows of a sequence of <paramref name="count"/> tokens cut to <paramref name="length"/>, the kept one first.</summary>
    internal void AddWindows(int count, int length, bool overflow, List<TokenWindow> windows)
    {
        var kept = Math.Min(count, length);
        windows.Add(new(Side == TokenSide.Right ? 0 : count - kept, kept));
        if (!overflow || count <= length)
            return;
        if (length == 0)
        {
            windows.Add(new(0, count));
            return;
        }
        if (Stride >= length)
            throw new OrtPeftException($"Stride is {Stride}, but a window holds only {length} tokens of the text; Stride must be smaller.");
        var step = length - Stride;
        for (var done = length; done < count; done += step)
        {
            // A window further on, measured from the side that is kept.
            var size = Math.Min(length, count - done + Stride);
            windows.Add(new(Side == TokenSide.Right ? done - Stride : count - (done - Stride) - size, size));
        }
    }

    static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        var shorter = Math.Min(first, second);
        var longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if ((long)shorter + longer > room)
        {
            shorter = room / 2;
            longer = shorter + room % 2;
        }
        return first > second ? (longer, shorter) : (shorter, longer);
    }

    int Shorten(int count, long remove, string which) => count > remove
        ? (int)(count - remove)
        : throw new OrtPeftException(
            $"The {which} text has {count} tokens and {remove} would have to go to fit in {MaxLength}; allow more tokens, or truncate LongestFirst.");
}

/// <summary>A run of tokens of one sequence.</summary>
readonly record struct TokenWindow(int Start, int Count);
