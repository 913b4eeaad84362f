using System.Buffers;
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
            foreach (var match in _regex.EnumerateMatches(rented.AsSpan(0, length)))
            {
                // An empty match right behind another match does not count.
                if (match.Length > 0 || match.Index != last)
                    matches.Add(new(positions[match.Index], positions[match.Index + match.Length]));
                last = match.Index + match.Length;
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new OrtPeftException(
                $"The tokenizer's regular expression '{Source}' did not finish within {Patience.TotalSeconds:0} seconds on one match of this text; "
                + "it needs exponential time. Use a tokenizer with another pattern.", e);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
            ArrayPool<int>.Shared.Return(positions);
        }
    }
}
