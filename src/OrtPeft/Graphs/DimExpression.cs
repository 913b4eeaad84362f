using System.Globalization;

namespace OrtPeft.Graphs;

/// <summary>
/// An integer polynomial in named sizes, such as <c>2*batch*sequence + 1</c>: a length that is only known by name. Two expressions are
/// equal when their canonical texts are, so equal lengths reached on different ways through a graph are recognised as equal.
/// </summary>
sealed class DimExpression : IEquatable<DimExpression>
{
    /// <summary>Beyond this many terms or factors a result is not worth following.</summary>
    const int MaxSize = 12;

    /// <summary>Stands for "nothing is known".</summary>
    internal static readonly DimExpression None = new([]);

    readonly Term[] _terms;
    readonly string _text;

    DimExpression(Term[] terms)
    {
        _terms = terms;
        _text = string.Join(" + ", terms.Select(t => t.ToString()));
    }

    internal static DimExpression Atom(string name) => new([new Term([name], 1)]);

    internal static DimExpression Constant(long value) => new([new Term([], value)]);

    /// <summary>The value when no name takes part.</summary>
    internal long? AsConstant => _terms switch
    {
        [] => 0,
        [{ Factors.Length: 0 } only] => only.Coefficient,
        _ => null,
    };

    /// <summary>
    /// The smallest value this can have, or null when it has no bound. Names from the model's inputs stand for 1 or more, others for 0 or more.
    /// </summary>
    internal long? LowerBound
    {
        get
        {
            long bound = 0;
            foreach (var term in _terms)
            {
                if (term.Coefficient < 0 && term.Factors.Length > 0)
                    return null;
                if (!term.Factors.Any(Dim.MayBeZero))
                    bound += term.Coefficient;
            }
            return bound;
        }
    }

    internal static DimExpression? Add(DimExpression a, DimExpression b, long sign) =>
        Collect([.. a._terms, .. b._terms.Select(t => t with { Coefficient = Checked(t.Coefficient, sign) })]);

    internal static DimExpression? Multiply(DimExpression a, DimExpression b) =>
        Collect([.. from x in a._terms from y in b._terms select x.Times(y)]);

    /// <summary>
    /// The quotient when every term of <paramref name="a"/> is a multiple of the single term <paramref name="b"/>, otherwise null.
    /// </summary>
    internal static DimExpression? Divide(DimExpression a, DimExpression b)
    {
        if (a.Equals(b))
            return Constant(1);
        if (b._terms is not [var divisor])
            return null;
        var quotient = new Term[a._terms.Length];
        for (var i = 0; i < quotient.Length; i++)
        {
            if (a._terms[i].Over(divisor) is not { } term)
                return null;
            quotient[i] = term;
        }
        return Collect(quotient);
    }

    static DimExpression? Collect(Term[] terms)
    {
        var collected = terms.GroupBy(t => t.Key)
            .Select(g => g.First() with { Coefficient = g.Sum(t => t.Coefficient) })
            .Where(t => t.Coefficient != 0)
            .OrderByDescending(t => t.Factors.Length).ThenBy(t => t.Key, StringComparer.Ordinal)
            .ToArray();
        return collected.Length > MaxSize || collected.Any(t => t.Factors.Length > MaxSize) ? null : new DimExpression(collected);
    }

    static long Checked(long a, long b) => checked(a * b);

    public bool Equals(DimExpression? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as DimExpression);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _text;

    readonly record struct Term(string[] Factors, long Coefficient)
    {
        internal string Key => string.Join('*', Factors);

        internal Term Times(Term other) => new(
            [.. Factors.Concat(other.Factors).Order(StringComparer.Ordinal)], Checked(Coefficient, other.Coefficient));

        internal Term? Over(Term divisor)
        {
            if (divisor.Coefficient == 0 || Coefficient % divisor.Coefficient != 0)
                return null;
            var rest = Factors.ToList();
            return divisor.Factors.All(rest.Remove) ? new Term([.. rest], Coefficient / divisor.Coefficient) : null;
        }

        public override string ToString() =>
            Factors.Length == 0 ? Coefficient.ToString(CultureInfo.InvariantCulture)
            : Coefficient == 1 ? Key
            : string.Create(CultureInfo.InvariantCulture, $"{Coefficient}*{Key}");
    }
}
