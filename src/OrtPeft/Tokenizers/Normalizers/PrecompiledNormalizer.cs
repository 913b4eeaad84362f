using System.Buffers;

namespace OrtPeft;

/// <summary>
/// SentencePiece's compiled rules as the Hugging Face library applies them: a short grapheme cluster is looked up whole, and what its
/// beginning maps to replaces all of it; longer clusters are taken character by character.
/// </summary>
sealed class PrecompiledNormalizer(CharsMap map) : Normalizer
{
    // ASCII characters that stay as they are. Such a one begins no cluster when another ASCII character follows.
    readonly SearchValues<char> _plain = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Where(c => c != '\r' && map.Single(c) is null).Select(c => (char)c)]);

    // In bytes of UTF-8.
    const int LongestCluster = 5;

    internal static PrecompiledNormalizer Read(JsonPart json)
    {
        var part = json["precompiled_charsmap"];
        try
        {
            return new(new(Convert.FromBase64String(part.Text())));
        }
        catch (FormatException e)
        {
            throw part.Error("is not valid base64", e);
        }
        catch (InvalidDataException e)
        {
            throw part.Error($"is damaged: {e.Message}", e);
        }
    }

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        var text = source.Text;
        var edit = new Edit(source, target);
        var start = target.Length;
        Span<byte> utf8 = stackalloc byte[LongestCluster];
        for (var i = 0; i < text.Length;)
        {
            if (PlainRun(text[i..]) is > 0 and var run)
            {
                edit.Copy(i, run);
                i += run;
                continue;
            }
            var c = CodePoints.At(text, i, out var length);
            if (i + length == text.Length || StandAlone(c, text[i + length]))
            {
                Write(ref edit, c, map.Single(c), target.Length > start);
                i += length;
                continue;
            }
            var end = GraphemeClusters.End(text, i);
            var cluster = text[i..end];
            if (cluster.Length > length && cluster.Length <= LongestCluster && System.Text.Encoding.UTF8.GetByteCount(cluster) <= LongestCluster
                && map.Of(utf8[..System.Text.Encoding.UTF8.GetBytes(cluster, utf8)]) is { } whole)
            {
                Replace(ref edit, CharacterCount(cluster), whole, target.Length > start);
                i = end;
                continue;
            }
            for (; i < end; i += length)
            {
                c = CodePoints.At(text, i, out length);
                Write(ref edit, c, map.Single(c), target.Length > start);
            }
        }
    }

    int PlainRun(ReadOnlySpan<char> text)
    {
        var run = text.IndexOfAnyExcept(_plain);
        if (run < 0)
            return text.Length;
        return run > 0 && text[run] > 127 ? run - 1 : run;
    }

    // The usual case, decided without the rules for clusters: neither character takes part in one.
    static bool StandAlone(int codePoint, char next) =>
        codePoint != '\r' && !char.IsSurrogate(next) && UnicodeTables.GraphemeBreak[codePoint] == 0 && UnicodeTables.GraphemeBreak[next] <= 1;

    static void Write(ref Edit edit, int codePoint, string? replacement, bool anythingWritten)
    {
        if (replacement is null)
            edit.Write(codePoint, 0);
        else
            Replace(ref edit, 1, replacement, anythingWritten);
    }

    /// <summary>Writes a replacement for a number of source characters.</summary>
    static void Replace(ref Edit edit, int replaced, string replacement, bool anythingWritten)
    {
        var written = CharacterCount(replacement);
        for (int i = 0, index = 0, length; i < replacement.Length; i += length, index++)
        {
            var c = CodePoints.At(replacement, i, out length);
            edit.Write(c, index >= replaced ? 1 : 0);
        }
        if (written < replaced)
            edit.SkipWithLast(replaced - written, anythingWritten || written > 0);
    }

    static int CharacterCount(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            count += char.IsLowSurrogate(c) ? 0 : 1;
        return count;
    }
}
