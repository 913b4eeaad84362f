using System.Buffers;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>
/// A regular expression of a tokenizer file (Oniguruma's syntax), run with the same meaning over code points instead of UTF-16 units and
/// with the Unicode tables of the Hugging Face library instead of .NET's.
/// </summary>
sealed class CodePointRegex
{
    // Patterns that tokenizers are published with need microseconds; one that needs this long on one match would never end.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Matches that each look at the whole rest of the text add up. The usual patterns need less than a hundredth of this.
    static readonly TimeSpan PatiencePerCharacter = TimeSpan.FromMicroseconds(20);

    readonly Regex _regex;
    readonly CodePointTable _symbols;

    CodePointRegex(string source, Regex regex, CodePointTable symbols)
    {
        Source = source;
        _regex = regex;
        _symbols = symbols;
    }

    /// <summary>The pattern as the file spells it.</summary>
    internal string Source { get; }

    /// <exception cref="RegexRefusedException">The pattern is wrong or cannot be carried out exactly.</exception>
    internal static CodePointRegex Parse(string pattern)
    {
        var (translated, symbols) = RegexParser.Parse(pattern).Render();
        try
        {
            return new(pattern, new(translated, RegexOptions.Compiled | RegexOptions.CultureInvariant, Patience), symbols);
        }
        catch (ArgumentException e)
        {
            throw new RegexRefusedException(e.Message);
        }
    }

    /// <summary>Adds all matches, left to right and not overlapping.</summary>
    internal void Find(ReadOnlySpan<char> text, List<TextSpan> matches)
    {
        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        var positions = ArrayPool<int>.Shared.Rent(text.Length + 1);
        try
        {
            var length = 0;
            for (int i = 0, units; i < text.Length; i += units)
            {
                positions[length] = i;
                rented[length++] = (char)_symbols[CodePoints.At(text, i, out units)];
            }
            positions[length] = text.Length;
            var last = -1;
            var (start, patience) = (Stopwatch.GetTimestamp(), Patience + PatiencePerCharacter * length);
            foreach (var match in _regex.EnumerateMatches(rented.AsSpan(0, length)))
            {
                if (Stopwatch.GetElapsedTime(start) > patience)
                    throw GivenUp($"did not finish within {patience.TotalSeconds:0} seconds on a text of {length} characters; it needs quadratic time");
                // An empty match right behind another match does not count.
                if (match.Length > 0 || match.Index != last)
                    matches.Add(new(positions[match.Index], positions[match.Index + match.Length]));
                last = match.Index + match.Length;
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw GivenUp($"did not finish within {Patience.TotalSeconds:0} seconds on one match of this text; it needs exponential time", e);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    OrtPeftException GivenUp(string why, Exception? inner = null) =>
        new($"The tokenizer's regular expression '{Source}' {why}. Use a tokenizer with another pattern.", inner);
}
