using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OrtPeft;

/// <summary>
/// The text of a mail that a head is trained on: its subject and its body without markup. Rough on purpose: no MIME parser, no base64
/// decoding. No other header reaches the text, so that nothing can be learned from the traces of spam filters and mailing lists.
/// </summary>
static partial class MailText
{
    static readonly string[] TechnicalLineStarts =
    [
        "--", "content-", "charset=", "boundary=", "name=", "filename=", "mime-version:", "x-", "spam:",
        "this is a multi-part message in mime format", "this is a mime message",
    ];

    static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    static readonly SearchValues<char> Blanks = SearchValues.Create("\t\n\v\f\r \u00A0");

    /// <summary>Subject, line feed, body.</summary>
    internal static string From(string mail)
    {
        mail = mail.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var end = mail.IndexOf("\n\n", StringComparison.Ordinal);
        return end < 0
            ? $"{Subject(mail)}\n"
            : $"{Subject(mail[..end])}\n{Body(mail[(end + 2)..])}";
    }

    static string Subject(string header)
    {
        var lines = header.Split('\n');
        var first = Array.FindIndex(lines, line => StartsWith(line, "subject:"));
        if (first < 0)
            return "";
        var folded = lines.Skip(first + 1).TakeWhile(line => line is [' ' or '\t', ..]);
        var subject = string.Join(' ', folded.Prepend(lines[first]["subject:".Length..]));
        return Squeeze(ListName().Replace(subject, " "));
    }

    static string Body(string body)
    {
        body = string.Join('\n', body.Split('\n').Where(line => !IsTechnical(line)));
        body = body.Replace("=\n", "", StringComparison.Ordinal);
        body = QuotedByte().Replace(body, Unquote);
        body = Tag().Replace(Comment().Replace(StyleOrScript().Replace(body, " "), " "), " ");
        return Squeeze(body
            .Replace("&nbsp;", " ", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal)
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal));
    }

    static bool IsTechnical(string line)
    {
        var start = line.AsSpan().TrimStart(" \t");
        foreach (var technical in TechnicalLineStarts)
            if (StartsWith(start, technical))
                return true;
        return line.Length >= 60 && !line.AsSpan().ContainsAnyExcept(Base64);
    }

    static string Unquote(Match match)
    {
        var code = int.Parse(match.ValueSpan[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return code is >= 32 and <= 126 ? ((char)code).ToString() : " ";
    }

    /// <summary>Runs of blanks become one space; none at the ends.</summary>
    static string Squeeze(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (var range in text.AsSpan().SplitAny(Blanks))
        {
            if (range.Start.Value == range.End.Value)
                continue;
            if (result.Length > 0)
                result.Append(' ');
            result.Append(text.AsSpan()[range]);
        }
        return result.ToString();
    }

    static bool StartsWith(ReadOnlySpan<char> text, string ascii) =>
        text.Length >= ascii.Length && Ascii.EqualsIgnoreCase(text[..ascii.Length], ascii);

    [GeneratedRegex(@"\[[^\[\]]*\]", RegexOptions.CultureInvariant)]
    private static partial Regex ListName();

    [GeneratedRegex("=[0-9A-F]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedByte();

    // The names are spelled out because ignoring the case would also match letters outside ASCII.
    [GeneratedRegex("<[Ss][Tt][Yy][Ll][Ee][^>]*>.*?</[Ss][Tt][Yy][Ll][Ee][^>]*>|<[Ss][Cc][Rr][Ii][Pp][Tt][^>]*>.*?</[Ss][Cc][Rr][Ii][Pp][Tt][^>]*>",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex StyleOrScript();

    [GeneratedRegex("<!--.*?-->", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("<[^<>]*>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
