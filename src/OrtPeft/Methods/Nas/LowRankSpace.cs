namespace OrtPeft;

/// <summary>The low-rank updates that are searched, or what was kept of them.</summary>
/// <param name="Rank">Components of each matrix in the whole space.</param>
/// <param name="Unit">What is kept or pruned as a whole.</param>
/// <param name="Survivors">What is trained.</param>
/// <param name="Start">See <see cref="StartOf"/>.</param>
sealed record LowRankSpace(int Rank, SearchUnit Unit, Survivors Survivors, Func<string, long[], float[]> Start)
{
    /// <summary>The factors' learning rate as a multiple of the run's.</summary>
    internal double Rate { get; init; } = 1;

    /// <summary>The factors of a matrix [inWidth, outWidth]; null when nothing of it was kept.</summary>
    internal (LowRankFactor U, LowRankFactor V)? Of(string matrix, int inWidth, int outWidth)
    {
        var (u, v) = (LowRankUpdates.U(matrix), LowRankUpdates.V(matrix));
        if (Unit == SearchUnit.Structured)
            return Survivors.Of(matrix, Rank) is { Length: > 0 } kept ? (Factor(u, inWidth, kept), Factor(v, outWidth, kept)) : null;
        var (ofU, ofV) = (Survivors.Of(u, inWidth * Rank), Survivors.Of(v, outWidth * Rank));
        int[] components = [.. ofU.Concat(ofV).Select(e => e % Rank).Distinct().Order()];
        return components.Length == 0 ? null
            : (Factor(u, inWidth, components).Training(ofU, Rank, components), Factor(v, outWidth, components).Training(ofV, Rank, components));
    }

    /// <summary>The values that factors start at, by name and shape [width, rank].</summary>
    internal static Func<string, long[], float[]> StartOf(FactorInit init, long seed) => (name, shape) => init switch
    {
        FactorInit.Balanced => TrainedTensor.Normal(name, 0.02, seed, shape).Values,
        _ when LowRankUpdates.IsV(name) => new float[shape[0] * shape[1]],
        // Kaiming-uniform with a = sqrt(5), as LoRA starts A.
        _ => TrainedTensor.Uniform(name, 1 / Math.Sqrt(shape[0]), seed, shape).Values,
    };

    LowRankFactor Factor(string name, int width, int[] components) => LowRankFactor.Of(name, Start(name, [width, Rank]), Rank, components);
}
