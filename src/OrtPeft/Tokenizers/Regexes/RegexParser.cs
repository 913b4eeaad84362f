using System.Globalization;

namespace OrtPeft;

/// <summary>
/// Reads a pattern in Oniguruma's default syntax. What .NET writes the same way is passed on, sets and anchors are spelled out, and what
/// has no counterpart is refused: back references, conditionals, absence operators, calls of groups, keep, grapheme clusters.
/// </summary>
sealed class RegexParser
{
    readonly string _pattern;
    readonly RegexTranslation _output = new();
    readonly Stack<(Options Options, int Start)> _outer = new();
    Options _options;
    int _position;

    // Where in the output the last item begins, which a quantifier applies to.
    int _item;

    // Literals in a row, folded, while case is ignored: some of them match a single other character.
    string _run = "";

    RegexParser(string pattern) => _pattern = pattern;

    /// <summary>What holds inside a group; <paramref name="Behind"/>: it looks behind, which .NET does from right to left.</summary>
    record struct Options(bool IgnoreCase, bool DotMatchesNewline, bool Extended, bool Behind);

    bool AtEnd => _position >= _pattern.Length;

    internal static RegexTranslation Parse(string pattern)
    {
        if (CodePoints.NeedsRepair(pattern))
            throw new RegexRefusedException("it contains half of a surrogate pair");
        var parser = new RegexParser(pattern);
        parser.ParseAll();
        return parser._output;
    }

    void ParseAll()
    {
        while (!AtEnd)
        {
            var c = _pattern[_position];
            if (_options.Extended && (char.IsWhiteSpace(c) || c == '#'))
                SkipExtended(c);
            else if (!ParseGroupEdge(c) && !ParseAnchor(c) && !ParseQuantifier(c))
                ParseAtom(c);
        }
        if (_outer.Count > 0)
            throw Refused("a group is not closed");
    }

    void SkipExtended(char c)
    {
        while (c == '#' && !AtEnd && _pattern[_position] != '\n')
            _position++;
        _position = Math.Min(_position + 1, _pattern.Length);
    }

    bool ParseGroupEdge(char c)
    {
        switch (c)
        {
            case '|':
                _output.Add("|");
                _run = "";
                _position++;
                return true;
            case ')':
                if (!_outer.TryPop(out var opened))
                    throw Refused("a group is closed that was not opened");
                (_options, _item) = opened;
                _output.Add(")");
                _position++;
                return true;
            case '(':
                _position++;
                OpenGroup();
                return true;
            default:
                return false;
        }
    }

    void OpenGroup()
    {
        if (!Skip("?"))
        {
            if (!AtEnd && _pattern[_position] == '*')
                throw Refused("it calls out with (*");
            Open("(?:");
            return;
        }
        if (Skip("#"))
        {
            var end = _pattern.IndexOf(')', _position);
            _position = end < 0 ? throw Refused("a comment is not closed") : end + 1;
            return;
        }
        foreach (var look in (string[])[":", "=", "!", ">", "<=", "<!"])
        {
            if (!Skip(look))
                continue;
            if (look != ":")
                _run = "";
            if (look == ">")
                RefuseBehind();
            Open("(?" + look);
            _options.Behind |= look.StartsWith('<');
            return;
        }
        if (Skip("<") || Skip("'"))
        {
            var end = _pattern.IndexOfAny(['>', '\''], _position);
            _position = end < 0 ? throw Refused("the name of a group is not closed") : end + 1;
            Open("(?:");
            return;
        }
        if (AtEnd || !"imx-".Contains(_pattern[_position], StringComparison.Ordinal))
            throw Refused($"it uses (?{(AtEnd ? "" : _pattern[_position])}");
        ParseOptions();
    }

    void ParseOptions()
    {
        var (options, on) = (_options, true);
        for (; !AtEnd; _position++)
        {
            switch (_pattern[_position])
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    options.IgnoreCase = on;
                    break;
                case 'm':
                    options.DotMatchesNewline = on;
                    break;
                case 'x':
                    options.Extended = on;
                    break;
                case ':':
                    _position++;
                    Open("(?:");
                    _options = options;
                    return;
                case ')':
                    // Holds to the end of the group, whose own options return when it closes. Alternatives count as one.
                    if (_pattern.AsSpan(_position).Contains('|') && _output.Count > 0)
                        throw Refused("it sets options in the middle of alternatives");
                    _position++;
                    _options = options;
                    return;
                default:
                    throw Refused($"it sets the option '{_pattern[_position]}'");
            }
        }
        throw Refused("a group is not closed");
    }

    /// <summary>From right to left an atomic group takes something else.</summary>
    void RefuseBehind()
    {
        if (_options.Behind)
            throw Refused("it looks behind with an atomic group, a possessive quantifier or \\R");
    }

    void Open(string syntax)
    {
        _outer.Push((_options, _output.Count));
        _output.Add(syntax);
    }

    bool ParseAnchor(char c)
    {
        var item = _output.Count;
        if (c is '^' or '$')
        {
            _item = item;
            _position++;
            if (c == '^')
                LineStart();
            else
                Look("(?!", NamedSets.Newline.Not());
            _run = "";
            return true;
        }
        if (c != '\\' || _position + 1 >= _pattern.Length)
            return false;
        switch (_pattern[_position + 1])
        {
            case 'A':
                _output.Add(@"\A");
                break;
            case 'z':
                _output.Add(@"\z");
                break;
            case 'Z':
                _output.Add("(?=");
                _output.Add(NamedSets.Newline);
                _output.Add(@"?\z)");
                break;
            case 'b':
                WordBoundary("(?!", "(?=");
                break;
            case 'B':
                WordBoundary("(?=", "(?!");
                break;
            default:
                return false;
        }
        _run = "";
        _item = item;
        _position += 2;
        return true;
    }

    void LineStart()
    {
        _output.Add(@"(?:\A|");
        Look("(?<=", NamedSets.Newline);
        _output.Add(@"(?!\z))");
    }

    void WordBoundary(string afterWord, string afterOther)
    {
        _output.Add("(?:");
        Look("(?<=", NamedSets.Word);
        Look(afterWord, NamedSets.Word);
        _output.Add("|");
        Look("(?<!", NamedSets.Word);
        Look(afterOther, NamedSets.Word);
        _output.Add(")");
    }

    void Look(string opening, CodePointSet set)
    {
        _output.Add(opening);
        _output.Add(set);
        _output.Add(")");
    }

    bool ParseQuantifier(char c)
    {
        string quantifier;
        if (c is '*' or '+' or '?')
        {
            quantifier = c.ToString();
            _position++;
        }
        else if (c != '{' || !TryParseInterval(out quantifier))
        {
            return false;
        }
        if (_output.Count == 0)
            throw Refused("it repeats nothing");
        _run = "";
        // .NET takes (?>a+)* for (?>a*), unless something stands between. What stands here always holds.
        if (_output.ContainsFrom(_item, part => part == "(?>"))
        {
            if (_output.ContainsFrom(_item, part => part is ['*' or '+' or '?' or '{', .., '?']))
                throw Refused("it repeats a lazy repetition of an atomic group");
            _output.Wrap(_item, "(?:", "(?!(?!)))");
        }
        // Behind {2}, but not behind {2,3}, a question mark is another quantifier (behind {1} only sometimes); behind either a plus is.
        if (quantifier == "{1}" && Skip("?"))
            throw Refused("it uses {1}?");
        if ((c != '{' || quantifier.Contains(',', StringComparison.Ordinal)) && Skip("?"))
            _output.Add(quantifier + "?");
        else if (c != '{' && Skip("+"))
            MakePossessive(quantifier);
        else
            _output.Add(quantifier);
        // A repeated repetition has to be a group of its own in .NET.
        if (!AtEnd && _pattern[_position] is '*' or '+' or '?' or '{')
            _output.Wrap(_item, "(?:", ")");
        return true;
    }

    void MakePossessive(string quantifier)
    {
        RefuseBehind();
        _output.Wrap(_item, "(?>", quantifier + ")");
    }

    bool TryParseInterval(out string quantifier)
    {
        quantifier = "";
        var end = _pattern.IndexOf('}', _position);
        if (end < 0)
            return false;
        var parts = _pattern[(_position + 1)..end].Split(',');
        if (parts.Length > 2 || parts.All(p => p.Length == 0) || parts.Any(p => p.Any(c => !char.IsAsciiDigit(c)) || p.Length > 5))
            return false;
        if (parts is [{ Length: > 0 } least, { Length: > 0 } most]
            && int.Parse(least, CultureInfo.InvariantCulture) > int.Parse(most, CultureInfo.InvariantCulture))
            throw Refused("it uses an interval whose end is before its start");
        quantifier = parts.Length == 1 ? $"{{{parts[0]}}}" : $"{{{(parts[0].Length == 0 ? "0" : parts[0])},{parts[1]}}}";
        _position = end + 1;
        return true;
    }

    void ParseAtom(char c)
    {
        _item = _output.Count;
        if (c == '[')
        {
            _run = "";
            _output.Add(new RegexClassParser(_pattern, _options.IgnoreCase).Parse(ref _position));
        }
        else if (c == '.')
        {
            _run = "";
            _position++;
            _output.Add(_options.DotMatchesNewline ? CodePointSet.All : NamedSets.Newline.Not());
        }
        else if (c == '\\')
        {
            ParseEscape();
        }
        else
        {
            var literal = CodePoints.At(_pattern, _position, out var length);
            _position += length;
            Literal(literal);
        }
    }

    void ParseEscape()
    {
        if (_position + 1 < _pattern.Length && _pattern[_position + 1] == 'R')
        {
            RefuseBehind();
            _position += 2;
            _run = "";
            _output.Add("(?>");
            _output.Add(CodePointSet.Of('\r'));
            _output.Add(NamedSets.Newline);
            _output.Add("|");
            _output.Add(CodePointSet.Range('\n', '\r').Union(CodePointSet.Of('\u0085')).Union(CodePointSet.Range('\u2028', '\u2029')));
            _output.Add(")");
            return;
        }
        var (set, literal) = RegexEscape.Parse(_pattern, ref _position, inClass: false);
        if (set is null)
        {
            Literal(literal);
            return;
        }
        _run = "";
        _output.Add(set);
    }

    void Literal(int codePoint)
    {
        var set = CodePointSet.Of(codePoint);
        if (_options.IgnoreCase)
        {
            var lower = UnicodeTables.Lower[codePoint];
            _run += char.ConvertFromUtf32(lower.Length == 1 ? lower[0] : codePoint);
            if (UnicodeTables.CaseExpanding.Contains(codePoint) || UnicodeTables.CaseSequences.Any(s => _run.EndsWith(s, StringComparison.Ordinal)))
                throw Refused($"ignoring case, '{_run}' matches a different number of characters");
            set = set.IgnoringCase();
        }
        else
        {
            _run = "";
        }
        _output.Add(set);
    }

    bool Skip(string text)
    {
        if (!_pattern.AsSpan(_position).StartsWith(text, StringComparison.Ordinal))
            return false;
        _position += text.Length;
        return true;
    }

    RegexRefusedException Refused(string why) => new($"{why}, in '{_pattern}' at {_position}");
}
