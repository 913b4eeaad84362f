namespace OrtPeft;

/// <summary>
/// BERT's clean-up in one pass: control characters away, white space to spaces, spaces around CJK characters, accents off, lower case.
/// Almost every character takes the table; only decomposition with several marks in a row needs the general way.
/// </summary>
sealed class BertNormalizer : Normalizer
{
    const byte Keep = 0, Replace = 1, Drop = 2, Space = 3, Cjk = 4, Complex = 5;

    readonly bool _lowercase;
    readonly bool _stripAccents;
    readonly bool _cleanText;
    readonly bool _chineseCharacters;
    readonly byte[] _action = new byte[0x10000];
    readonly char[] _replacement = new char[0x10000];

    internal BertNormalizer(bool cleanText, bool chineseCharacters, bool? stripAccents, bool lowercase)
    {
        _cleanText = cleanText;
        _chineseCharacters = chineseCharacters;
        _stripAccents = stripAccents ?? lowercase;
        _lowercase = lowercase;
        for (var c = 0; c < 0x10000; c++)
        {
            var replacement = c;
            _action[c] = char.IsSurrogate((char)c) ? Complex : Classify(c, out replacement);
            _replacement[c] = (char)replacement;
        }
    }

    internal static BertNormalizer Read(JsonPart json) => new(
        json.Boolean("clean_text"), json.Boolean("handle_chinese_chars"), json.OptionalBoolean("strip_accents"), json.Boolean("lowercase"));

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        var text = source.Text;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (_action[c])
            {
                case Keep:
                    var run = i + 1;
                    while (run < text.Length && _action[text[run]] == Keep)
                        run++;
                    target.Add(source, i, run);
                    i = run - 1;
                    break;
                case Replace:
                    target.Add(_replacement[c], source.Origin(i, i + 1));
                    break;
                case Space:
                    target.Add(' ', source.Origin(i, i + 1));
                    break;
                case Cjk:
                    AddCjk(c, source.Origin(i, i + 1), target);
                    break;
                case Complex:
                    var end = EndOfRun(text, i);
                    ApplySlowly(source, i, end, target, scratch);
                    i = end - 1;
                    break;
            }
        }
    }

    /// <summary>What to do with a character by itself, and the character it becomes where that is a single one.</summary>
    byte Classify(int codePoint, out int replacement)
    {
        replacement = codePoint;
        if (_cleanText && UnicodeTables.BertDrop.Contains(codePoint))
            return Drop;
        if (_cleanText && UnicodeTables.BertSpace.Contains(codePoint))
            return Space;
        if (_chineseCharacters && IsCjk(codePoint) && (!_stripAccents || UnicodeTables.Canonical[codePoint].IsEmpty))
            return Cjk;
        if (_stripAccents && (UnicodeTables.CombiningRank.Contains(codePoint) || !Decomposition.IsStable(codePoint)))
            return Complex;
        if (_stripAccents && UnicodeTables.BertMark.Contains(codePoint))
            return Drop;
        if (_lowercase)
        {
            var lower = UnicodeTables.Lower[codePoint];
            if (lower.Length > 1)
                return Complex;
            if (lower.Length == 1)
            {
                replacement = lower[0];
                return codePoint < 0x10000 && replacement > 0xFFFF ? Complex : Replace;
            }
        }
        return Keep;
    }

    /// <summary>Extends from a character that needs the general way over the marks that may be reordered together with it.</summary>
    int EndOfRun(ReadOnlySpan<char> text, int start)
    {
        _ = CodePoints.At(text, start, out var length);
        var end = start + length;
        while (end < text.Length)
        {
            var next = CodePoints.At(text, end, out length);
            if (!_stripAccents || !(UnicodeTables.CombiningRank.Contains(next) || (_cleanText && UnicodeTables.BertDrop.Contains(next))))
                break;
            end += length;
        }
        return end;
    }

    /// <summary>The steps one after the other, on a run that begins at a character no earlier mark can pass.</summary>
    void ApplySlowly(in AlignedView source, int start, int end, AlignedText target, Scratch scratch)
    {
        var spaced = scratch.Rent(tracked: true);
        for (int i = start, length; i < end; i += length)
        {
            var c = CodePoints.At(source.Text, i, out length);
            var origin = source.Origin(i, i + length);
            if (_cleanText && UnicodeTables.BertDrop.Contains(c))
                continue;
            if (_cleanText && UnicodeTables.BertSpace.Contains(c))
                spaced.Add(' ', origin);
            else if (_chineseCharacters && IsCjk(c))
                AddCjk(c, origin, spaced);
            else
                spaced.Add(c, origin);
        }

        var decomposed = scratch.Rent(tracked: true);
        var view = spaced.View(0, spaced.Length, source.Base);
        if (_stripAccents)
            Decomposition.Decompose(view, compatibility: false, decomposed, scratch);
        else
            decomposed.Add(view, 0, view.Text.Length);

        view = decomposed.View(0, decomposed.Length, source.Base);
        for (int i = 0, length; i < view.Text.Length; i += length)
        {
            var c = CodePoints.At(view.Text, i, out length);
            if (_stripAccents && UnicodeTables.BertMark.Contains(c))
                continue;
            var origin = view.Origin(i, i + length);
            var lower = _lowercase ? UnicodeTables.Lower[c] : default;
            if (lower.IsEmpty)
                target.Add(c, origin);
            foreach (var l in lower)
                target.Add(l, origin);
        }
        scratch.Return(decomposed);
        scratch.Return(spaced);
    }

    static void AddCjk(int codePoint, TextSpan origin, AlignedText target)
    {
        target.Add(' ', origin);
        target.Add(codePoint, origin);
        target.Add(' ', origin);
    }

    // The ranges of the original BERT code, with the slip (U+2B920) that every vocabulary was made with.
    static bool IsCjk(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
