namespace OrtPeft;

/// <summary>The character properties that patterns may name, such as <c>\p{Lu}</c>, <c>\p{Han}</c> or <c>[:alpha:]</c>.</summary>
static class NamedSets
{
    static readonly Dictionary<string, string> LongCategories =
        string.Concat(
            "letter=L uppercaseletter=Lu lowercaseletter=Ll titlecaseletter=Lt modifierletter=Lm otherletter=Lo mark=M ",
            "nonspacingmark=Mn spacingmark=Mc enclosingmark=Me number=N decimalnumber=Nd letternumber=Nl othernumber=No punctuation=P ",
            "connectorpunctuation=Pc dashpunctuation=Pd openpunctuation=Ps closepunctuation=Pe initialpunctuation=Pi ",
            "finalpunctuation=Pf otherpunctuation=Po symbol=S mathsymbol=Sm currencysymbol=Sc modifiersymbol=Sk othersymbol=So ",
            "separator=Z spaceseparator=Zs lineseparator=Zl paragraphseparator=Zp other=C control=Cc format=Cf privateuse=Co ",
            "unassigned=Cn casedletter=LC")
        .Split(' ').Select(entry => entry.Split('=')).ToDictionary(entry => entry[0], entry => entry[1]);

    internal static CodePointSet Space { get; } = CodePointSet.Of(UnicodeTables.RegexSpace);

    internal static CodePointSet Word { get; } = CodePointSet.Of(UnicodeTables.RegexWord);

    /// <summary>Oniguruma's <c>\w</c> inside brackets lacks six Latin-1 digits and fractions that it has outside.</summary>
    internal static CodePointSet WordInClass { get; } = Word.Intersect(
        CodePointSet.Range(0xB2, 0xB3).Union(CodePointSet.Of(0xB9)).Union(CodePointSet.Range(0xBC, 0xBE)).Not());

    internal static CodePointSet Digit { get; } = CodePointSet.Of(UnicodeTables.RegexDigit);

    internal static CodePointSet HexDigit { get; } = CodePointSet.Range('0', '9').Union(CodePointSet.Range('a', 'f')).Union(CodePointSet.Range('A', 'F'));

    internal static CodePointSet Newline { get; } = CodePointSet.Of('\n');

    /// <summary>The set of a name, written in any case and with or without spaces, hyphens and underscores; null if it is not known.</summary>
    internal static CodePointSet? Find(string name)
    {
        var key = Key(name);
        return key switch
        {
            "any" => CodePointSet.All,
            "ascii" => CodePointSet.Range(0, 0x7F),
            "alpha" or "alphabetic" => CodePointSet.Of(UnicodeTables.RegexAlphabetic),
            "alnum" => CodePointSet.Of(UnicodeTables.RegexAlphabetic).Union(Digit),
            "digit" => Digit,
            "space" or "whitespace" => Space,
            "word" => Word,
            "xdigit" => HexDigit,
            "upper" or "uppercase" => CodePointSet.Of(UnicodeTables.RegexUpper),
            "lower" or "lowercase" => CodePointSet.Of(UnicodeTables.RegexLower),
            "emoji" => CodePointSet.Of(UnicodeTables.RegexEmoji),
            "punct" => Category("P"),
            "blank" => Category("Zs").Union(CodePointSet.Of('\t')),
            "cntrl" => Category("Cc"),
            _ => Category(LongCategories.GetValueOrDefault(key, key)) is { Ranges.Count: > 0 } category ? category : Script(key),
        };
    }

    /// <summary>The set of a name in <c>[: :]</c>; two names mean something else there.</summary>
    internal static CodePointSet? FindPosix(string name) => name switch
    {
        "word" => WordInClass,
        "punct" => Category("P").Union(Category("S")),
        "alpha" or "alnum" or "digit" or "space" or "xdigit" or "upper" or "lower" or "blank" or "cntrl" or "ascii" => Find(name),
        _ => null,
    };

    static CodePointSet Category(string name)
    {
        if (name.Equals("LC", StringComparison.OrdinalIgnoreCase))
            return Category("Lu").Union(Category("Ll")).Union(Category("Lt"));
        var assigned = CodePointSet.Of(UnicodeTables.Category);
        // Code points in no range are unassigned; surrogates never occur in a text.
        if (name.Equals("Cn", StringComparison.OrdinalIgnoreCase))
            return assigned.Not();
        var categories = UnicodeTables.CategoryNames;
        var set = CodePointSet.Of(
            UnicodeTables.Category, value => value > 0 && name.Length is 1 or 2 && categories[value - 1].StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return name is "C" or "c" ? set.Union(assigned.Not()) : set;
    }

    static CodePointSet? Script(string key)
    {
        var index = Array.FindIndex(UnicodeTables.ScriptNames, n => Key(n) == key);
        return index < 0 ? null : CodePointSet.Of(UnicodeTables.Script, value => value == index + 1);
    }

    static string Key(string name) =>
        name.Replace(" ", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
