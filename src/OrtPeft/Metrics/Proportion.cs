namespace OrtPeft;

/// <summary>A share, such as an accuracy: so many of so many, with its 95 % confidence interval.</summary>
/// <param name="Part">How many of the whole.</param>
/// <param name="Whole">How many there are.</param>
public readonly record struct Proportion(long Part, long Whole)
{
    const double Z = 1.959963984540054; // the normal distribution holds 95 % within +-Z

    /// <summary>The share, 0 to 1; 0 when the whole is 0.</summary>
    public double Value => Whole == 0 ? 0 : (double)Part / Whole;

    /// <summary>Lower end of the 95 % Wilson score interval (E. B. Wilson 1927, doi 10.1080/01621459.1927.10502953); 0 when the whole is 0.</summary>
    public double Lower => Whole == 0 ? 0 : Math.Max(0, Centre - HalfWidth);

    /// <summary>Upper end of the 95 % Wilson score interval; 1 when the whole is 0.</summary>
    public double Upper => Whole == 0 ? 1 : Math.Min(1, Centre + HalfWidth);

    double Shrinkage => 1 + Z * Z / Whole;

    double Centre => (Value + Z * Z / (2 * Whole)) / Shrinkage;

    double HalfWidth => Z * Math.Sqrt((Value * (1 - Value) + Z * Z / (4 * Whole)) / Whole) / Shrinkage;
}
