namespace OrtPeft;

/// <summary>One factor of a low-rank update, with the components that are there: [rows, columns].</summary>
/// <param name="Name">Its name in adapters.</param>
/// <param name="Rows">Width of the matrix on its side.</param>
/// <param name="Columns">Components that are there.</param>
/// <param name="Start">Its values at the start.</param>
/// <param name="Places">Which entries are trained, ascending; null for all. The others stay as they start.</param>
sealed record LowRankFactor(string Name, int Rows, int Columns, float[] Start, int[]? Places)
{
    /// <summary>The values at the start of what is trained.</summary>
    internal float[] StartOfTrained => Places is null ? Start : [.. Places.Select(p => Start[p])];

    /// <summary>Those components of a whole factor, all entries trained.</summary>
    internal static LowRankFactor Of(string name, float[] whole, int rank, int[] components) =>
        new(name, whole.Length / rank, components.Length, ColumnsOf(whole, rank, components), null);

    /// <summary>The same with some entries trained, which are numbered as in the whole factor.</summary>
    internal LowRankFactor Training(int[] entries, int rank, int[] components)
    {
        var places = entries.Select(e => e / rank * components.Length + Array.IndexOf(components, e % rank)).ToArray();
        return this with { Places = places.Length == Start.Length ? null : places };
    }

    static float[] ColumnsOf(float[] whole, int rank, int[] components)
    {
        var rows = whole.Length / rank;
        var values = new float[rows * components.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < components.Length; column++)
                values[row * components.Length + column] = whole[row * rank + components[column]];
        }
        return values;
    }
}
