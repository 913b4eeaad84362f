using System.Globalization;

namespace OrtPeft.Graphs;

/// <summary>One dimension of a shape: a known length, a length known by name ("batch"), or an unknown one.</summary>
public readonly record struct Dim
{
    readonly long _value;
    readonly DimExpression? _expression;

    Dim(long value, DimExpression? expression)
    {
        _value = value;
        _expression = expression;
    }

    /// <summary>A length nothing is known about.</summary>
    public static Dim Unknown { get; } = new(0, DimExpression.None);

    /// <summary>A known length.</summary>
    public static Dim Of(long length) => new(length, null);

    /// <summary>A length known by name; the same name means the same length.</summary>
    public static Dim Of(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new(0, DimExpression.Atom(symbol));
    }

    /// <summary>Whether the length is a known number.</summary>
    public bool IsKnown => _expression is null;

    /// <summary>Whether nothing is known, not even a name.</summary>
    public bool IsUnknown => ReferenceEquals(_expression, DimExpression.None);

    /// <summary>The known length.</summary>
    /// <exception cref="InvalidOperationException">The length is not a known number.</exception>
    public long Value => IsKnown ? _value : throw new InvalidOperationException($"The dimension '{this}' has no known length.");

    /// <summary>The name, or an expression in names such as <c>batch*sequence</c>; null for a known or unknown length.</summary>
    public string? Symbol => IsKnown || IsUnknown ? null : _expression!.ToString();

    /// <summary>A known length.</summary>
    public static implicit operator Dim(long length) => Of(length);

    /// <summary>A length known by name.</summary>
    public static implicit operator Dim(string symbol) => Of(symbol);

    /// <summary>The number, the name, or "?".</summary>
    public override string ToString() =>
        IsKnown ? _value.ToString(CultureInfo.InvariantCulture) : IsUnknown ? "?" : _expression!.ToString();

    /// <summary>Whether a name was made by shape inference for a length (such as a count of elements) that may well be 0.</summary>
    internal static bool MayBeZero(string atom) => atom.StartsWith("unk__", StringComparison.Ordinal) || atom.Contains('(', StringComparison.Ordinal);

    internal bool Is(long value) => IsKnown && _value == value;

    /// <summary>Whether both are certainly the same length.</summary>
    internal bool Same(Dim other) => !IsUnknown && Equals(other);

    /// <summary>The smallest length this can stand for; null when nothing bounds it (it may be negative in shape arithmetic).</summary>
    internal long? LowerBound => IsKnown ? _value : IsUnknown ? null : _expression!.LowerBound;

    internal static Dim Add(Dim a, Dim b) => Combine(a, b, static (x, y) => checked(x + y), static (x, y) => DimExpression.Add(x, y, 1));

    internal static Dim Subtract(Dim a, Dim b) => Combine(a, b, static (x, y) => checked(x - y), static (x, y) => DimExpression.Add(x, y, -1));

    internal static Dim Multiply(Dim a, Dim b) =>
        a.Is(0) || b.Is(0) ? 0 : Combine(a, b, static (x, y) => checked(x * y), DimExpression.Multiply);

    /// <summary>Division that drops the remainder, of lengths that are not negative.</summary>
    internal static Dim Divide(Dim a, Dim b)
    {
        if (a.IsUnknown || b.IsUnknown || b.Is(0))
            return Unknown;
        return a.IsKnown && b.IsKnown ? a._value / b._value : Simplify(DimExpression.Divide(a.Expression, b.Expression)) ?? Of($"({a})/({b})");
    }

    internal static Dim Max(Dim a, Dim b) => Subtract(a, b).LowerBound >= 0 ? a : Subtract(b, a).LowerBound >= 0 ? b : Call("max", a, b);

    internal static Dim Min(Dim a, Dim b) => Subtract(a, b).LowerBound >= 0 ? b : Subtract(b, a).LowerBound >= 0 ? a : Call("min", a, b);

    /// <summary>
    /// Whether this is <paramref name="length"/> cut off at a known length: the part of a table of positions that a sequence uses. Where
    /// the two meet in one operator they are equal, for a longer sequence would be an error.
    /// </summary>
    internal bool IsCapOf(Dim length) =>
        Symbol is { } text && length.Symbol is { } name && text.StartsWith("min(", StringComparison.Ordinal)
        && text[4..^1].Split(", ") is [var first, var second] && (first == name ? second : second == name ? first : "") is { Length: > 0 } cap
        && long.TryParse(cap, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known > 1;

    /// <summary>An expression that is only known by its text, the same for the same arguments in any order.</summary>
    internal static Dim Call(string function, Dim a, Dim b)
    {
        if (a.IsUnknown || b.IsUnknown)
            return Unknown;
        string x = a.ToString(), y = b.ToString();
        return x.Length + y.Length > 120 ? Unknown
            : string.CompareOrdinal(x, y) < 0 ? Of($"{function}({x}, {y})") : Of($"{function}({y}, {x})");
    }

    internal static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate(Of(1), Multiply);

    DimExpression Expression => _expression ?? DimExpression.Constant(_value);

    static Dim Combine(Dim a, Dim b, Func<long, long, long> known, Func<DimExpression, DimExpression, DimExpression?> symbolic)
    {
        if (a.IsUnknown || b.IsUnknown)
            return Unknown;
        try
        {
            return a.IsKnown && b.IsKnown ? known(a._value, b._value) : Simplify(symbolic(a.Expression, b.Expression)) ?? Unknown;
        }
        catch (OverflowException)
        {
            return Unknown;
        }
    }

    static Dim? Simplify(DimExpression? expression) =>
        expression is null ? default(Dim?) : expression.AsConstant is { } constant ? new Dim(constant, null) : new Dim(0, expression);
}
