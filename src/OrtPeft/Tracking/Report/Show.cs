using System.Globalization;

namespace OrtPeft;

/// <summary>Numbers and names as a person reads them; units are joined by a no-break space.</summary>
static class Show
{
    internal static string Percent(double share) => Format($"{100 * share:0.0}\u00A0%");

    /// <summary>A share that may be very small, with two digits that count.</summary>
    internal static string SmallPercent(double share)
    {
        var digits = share is > 0 and < 0.01 ? (int)Math.Min(10, -Math.Floor(Math.Log10(100 * share)) + 1) : 1;
        return (100 * share).ToString($"F{digits}", CultureInfo.InvariantCulture) + "\u00A0%";
    }

    /// <summary>A whole percentage, for axes.</summary>
    internal static string RoundPercent(double share) => Format($"{100 * share:0.##}\u00A0%");

    internal static string Interval(Proportion share) => Format($"{100 * share.Lower:0.0} to {100 * share.Upper:0.0}\u00A0%");

    internal static string Count(long count) => Format($"{count:N0}");

    internal static string Counted(long count, string noun) => Format($"{count:N0}\u00A0{noun}{(count == 1 ? "" : "s")}");

    /// <summary>A measurement with three digits that count.</summary>
    internal static string Number(double number) => Math.Abs(number) switch
    {
        0 => "0",
        < 0.001 => Format($"{number:0.##e+0}"),
        < 0.1 => Format($"{number:0.####}"),
        < 1 => Format($"{number:0.###}"),
        < 10 => Format($"{number:0.##}"),
        < 100_000 => Format($"{number:0.#}"),
        _ => Format($"{number:0.##e+0}"),
    };

    internal static string Seconds(double seconds) => seconds switch
    {
        < 10 => Format($"{seconds:0.0}\u00A0s"),
        < 59.5 => Format($"{seconds:0}\u00A0s"),
        < 3_570 => Parts(seconds, "min", "s"),
        _ => Parts(seconds / 60, "h", "min"),
    };

    internal static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => Format($"{bytes}\u00A0bytes"),
        < 1_000_000 => Format($"{bytes / 1e3:0.#}\u00A0kB"),
        < 1_000_000_000 => Format($"{bytes / 1e6:0.#}\u00A0MB"),
        _ => Format($"{bytes / 1e9:0.##}\u00A0GB"),
    };

    /// <summary>The first characters, as a reader counts them, with an ellipsis where something is missing.</summary>
    internal static string Shortened(string text, int characters)
    {
        var start = 0;
        for (var count = 0; count < characters && start < text.Length; count++)
            start += StringInfo.GetNextTextElementLength(text, start);
        return start < text.Length ? string.Concat(text.AsSpan(0, start).TrimEnd(), "\u2026") : text;
    }

    /// <summary>The name of a metric in running text.</summary>
    internal static string Metric(string name) => Metrics.Speak(name);

    /// <summary>The value of a metric: in percent where it is a share.</summary>
    internal static string Metric(string name, double value) => Metrics.IsShare(name) ? Percent(value) : Format($"{value:0.###}");

    static string Parts(double smallUnits, string large, string small)
    {
        var units = (long)Math.Round(smallUnits);
        return Format($"{units / 60}\u00A0{large} {units % 60}\u00A0{small}");
    }

    static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
