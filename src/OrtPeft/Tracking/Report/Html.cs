using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace OrtPeft;

/// <summary>
/// Markup. An interpolated string that is assigned to it becomes markup whose literal parts are taken as written and whose holes are
/// encoded, so that a label or a text can never become a tag: <c>Html row = $"&lt;td&gt;{label}&lt;/td&gt;";</c>
/// </summary>
[InterpolatedStringHandler]
sealed class Html
{
    static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    readonly StringBuilder _markup;

    public Html(int literalLength, int formattedCount) => _markup = new(literalLength + 16 * formattedCount);

    internal static Html Empty { get; } = new(0, 0);

    /// <summary>Text of our own that is markup or style already.</summary>
    internal static Html Raw(string markup)
    {
        Html html = new(markup.Length, 0);
        html.AppendLiteral(markup);
        return html;
    }

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(string? text) => _markup.Append(Encoder.Encode(text ?? ""));

    public void AppendFormatted(Html? markup) => _markup.Append(markup?._markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
            _markup.Append(part._markup);
    }

    public void AppendFormatted(long number) => _markup.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>A coordinate or a style value: at most two decimals, always with a point.</summary>
    public void AppendFormatted(double number) => _markup.Append(CultureInfo.InvariantCulture, $"{number:0.##}");

    public override string ToString() => _markup.ToString();
}
