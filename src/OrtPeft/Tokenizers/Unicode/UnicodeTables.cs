using System.IO.Compression;

namespace OrtPeft;

/// <summary>
/// The Unicode properties that the Hugging Face library uses, asked from that library code point by code point (export-tools/unicode-tables).
/// .NET's own tables are newer and, for accent stripping, depend on globalization settings; tokens must depend on neither.
/// </summary>
static class UnicodeTables
{
    /// <summary>General categories in the order of the values of <see cref="Category"/>, which start at 1; 0 is unassigned.</summary>
    internal static readonly string[] CategoryNames;

    /// <summary>Scripts in the order of the values of <see cref="Script"/>, which start at 1.</summary>
    internal static readonly string[] ScriptNames;

    /// <summary>White_Space.</summary>
    internal static readonly CodePointTable White;

    /// <summary>What BertNormalizer's clean_text removes, and what it turns into a space.</summary>
    internal static readonly CodePointTable BertDrop, BertSpace;

    /// <summary>Marks that BertNormalizer's strip_accents removes; marks that StripAccents removes.</summary>
    internal static readonly CodePointTable BertMark, Mark;

    /// <summary>Punctuation for BertPreTokenizer and Punctuation; word characters for Whitespace and single_word; numbers for Digits.</summary>
    internal static readonly CodePointTable Punctuation, Word, Numeric;

    /// <summary>Order of combining marks: 0 never moves, others sort ascending.</summary>
    internal static readonly CodePointTable CombiningRank;

    /// <summary>Values of graphemeBreak in probe.mjs.</summary>
    internal static readonly CodePointTable GraphemeBreak;

    /// <summary>Scripts as UnicodeScripts sees them: 1 joins anything.</summary>
    internal static readonly CodePointTable ScriptRun;

    /// <summary>What the regular expressions of tokenizer files mean by categories, scripts and classes (Oniguruma's tables).</summary>
    internal static readonly CodePointTable Category, Script, RegexSpace, RegexWord, RegexDigit, RegexUpper, RegexLower, RegexAlphabetic, RegexEmoji;

    /// <summary>Lower case, character by character.</summary>
    internal static readonly CodePointMap Lower;

    /// <summary>Full canonical decomposition, and compatibility decomposition where it differs. Hangul is left to arithmetic.</summary>
    internal static readonly CodePointMap Canonical, Compatibility;

    /// <summary>For regular expressions that ignore case: the other characters that a character matches.</summary>
    internal static readonly CodePointMap CaseVariants;

    /// <summary>Sequences that, ignoring case, match a single other character, such as "ss".</summary>
    internal static readonly HashSet<string> CaseSequences;

    /// <summary>Characters that, ignoring case, match a sequence of others, such as U+00DF.</summary>
    internal static readonly HashSet<int> CaseExpanding;

    /// <summary>Primary composites by the pair that composes them.</summary>
    internal static readonly Dictionary<(int First, int Second), int> Composition;

    static UnicodeTables()
    {
        var reader = new TableReader();
        CategoryNames = reader.Names();
        ScriptNames = reader.Names();
        var properties = reader.Properties();
        White = properties[nameof(White)];
        BertDrop = properties[nameof(BertDrop)];
        BertSpace = properties[nameof(BertSpace)];
        BertMark = properties[nameof(BertMark)];
        Mark = properties[nameof(Mark)];
        Punctuation = properties[nameof(Punctuation)];
        Word = properties[nameof(Word)];
        Numeric = properties[nameof(Numeric)];
        CombiningRank = properties[nameof(CombiningRank)];
        GraphemeBreak = properties[nameof(GraphemeBreak)];
        ScriptRun = properties[nameof(ScriptRun)];
        Category = properties[nameof(Category)];
        Script = properties[nameof(Script)];
        RegexSpace = properties[nameof(RegexSpace)];
        RegexWord = properties[nameof(RegexWord)];
        RegexDigit = properties[nameof(RegexDigit)];
        RegexUpper = properties[nameof(RegexUpper)];
        RegexLower = properties[nameof(RegexLower)];
        RegexAlphabetic = properties[nameof(RegexAlphabetic)];
        RegexEmoji = properties[nameof(RegexEmoji)];
        var maps = reader.Maps();
        Lower = new(maps[nameof(Lower)]);
        Canonical = new(maps[nameof(Canonical)]);
        Compatibility = new(maps[nameof(Compatibility)]);
        CaseVariants = new(maps[nameof(CaseVariants)]);
        CaseSequences = [.. maps[nameof(CaseSequences)].Select(e => string.Concat(e.To.Select(char.ConvertFromUtf32)))];
        CaseExpanding = [.. maps[nameof(CaseSequences)].Select(e => e.From)];
        Composition = maps[nameof(Composition)].ToDictionary(e => (e.To[0], e.To[1]), e => e.From);
    }

    /// <summary>Reads what generate.mjs writes; keep both in step.</summary>
    sealed class TableReader
    {
        readonly byte[] _bytes;
        int _position;

        internal TableReader()
        {
            using var resource = typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode.bin.br")!;
            using var brotli = new BrotliStream(resource, CompressionMode.Decompress);
            using var memory = new MemoryStream();
            brotli.CopyTo(memory);
            _bytes = memory.ToArray();
        }

        internal string[] Names()
        {
            var names = new string[Number()];
            for (var i = 0; i < names.Length; i++)
                names[i] = Name();
            return names;
        }

        internal Dictionary<string, CodePointTable> Properties()
        {
            var count = Number();
            var properties = new Dictionary<string, CodePointTable>(count);
            for (; count > 0; count--)
            {
                var table = properties[Name()] = new CodePointTable();
                var ranges = Number();
                for (var end = 0; ranges > 0; ranges--)
                {
                    var start = end + Number();
                    end = start + Number();
                    table.Fill(start, end, Number());
                }
            }
            return properties;
        }

        internal Dictionary<string, List<(int From, int[] To)>> Maps()
        {
            var count = Number();
            var maps = new Dictionary<string, List<(int, int[])>>(count);
            for (; count > 0; count--)
            {
                var name = Name();
                var size = Number();
                var entries = new List<(int, int[])>(size);
                for (var from = 0; size > 0; size--)
                {
                    from += Number();
                    var to = new int[Number()];
                    for (var i = 0; i < to.Length; i++)
                    {
                        var distance = Number();
                        to[i] = from + ((distance & 1) == 0 ? distance / 2 : -(distance + 1) / 2);
                    }
                    entries.Add((from, to));
                }
                maps[name] = entries;
            }
            return maps;
        }

        string Name()
        {
            var length = Number();
            _position += length;
            return System.Text.Encoding.UTF8.GetString(_bytes, _position - length, length);
        }

        int Number()
        {
            var value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var b = _bytes[_position++];
                value |= (b & 0x7F) << shift;
                if (b < 0x80)
                    return value;
            }
        }
    }
}
