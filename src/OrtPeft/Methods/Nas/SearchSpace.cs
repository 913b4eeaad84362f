namespace OrtPeft;

/// <summary>Units of one kind that lie in the same tensors.</summary>
/// <param name="Name">What they are called in adapters, such as "layer.3.attention.q.bias.delta".</param>
/// <param name="Tensors">The trained tensors that they lie in. Entry i of each belongs to unit i mod the number of units.</param>
/// <param name="Units">Their numbers in the whole space, ascending.</param>
/// <param name="Cost">Trained values of one unit.</param>
sealed record SearchPart(string Name, IReadOnlyList<string> Tensors, int[] Units, long Cost);

/// <summary>Everything that a search may keep, part by part: whole biases, components of a matrix, or the entries of a tensor.</summary>
sealed record SearchSpace(IReadOnlyList<SearchPart> Parts)
{
    /// <summary>The space of a graph that trains what is left of it.</summary>
    /// <param name="tensors">The encoder's trained tensors.</param>
    /// <param name="unit">What is kept or pruned as a whole.</param>
    /// <param name="found">What was kept; null for the whole space.</param>
    internal static SearchSpace Of(IReadOnlyList<TrainedTensor> tensors, SearchUnit unit, Finding? found) =>
        new([.. tensors.Where(t => unit == SearchUnit.Unstructured || !LowRankUpdates.IsV(t.Name)).Select(t => Part(t, tensors, unit, new Survivors(found)))]);

    static SearchPart Part(TrainedTensor tensor, IReadOnlyList<TrainedTensor> tensors, SearchUnit unit, Survivors survivors)
    {
        if (unit == SearchUnit.Unstructured)
            return new SearchPart(tensor.Name, [tensor.Name], survivors.Left(tensor.Name, (int)tensor.Count), 1);
        if (!LowRankUpdates.IsU(tensor.Name))
            return new SearchPart(tensor.Name, [tensor.Name], survivors.Left(tensor.Name, 1), tensor.Count);
        var matrix = LowRankUpdates.MatrixOf(tensor.Name);
        var v = tensors.First(t => t.Name == LowRankUpdates.V(matrix));
        return new SearchPart(matrix, [tensor.Name, v.Name], survivors.Left(matrix, (int)tensor.Shape[1]), tensor.Shape[0] + v.Shape[0]);
    }

    /// <summary>Trained values of all units.</summary>
    internal long Size => Parts.Sum(p => p.Units.Length * p.Cost);

    /// <summary>
    /// The units that a budget is spent on: one global ranking by falling score, each unit taken that still fits, the others passed over. Of equal
    /// scores the earlier part counts, then the earlier unit. Negative scores are not excluded.
    /// </summary>
    /// <param name="scores">For each part the scores of its units.</param>
    /// <param name="budget">Trained values at most.</param>
    /// <param name="density">Rank by score per value instead of by score.</param>
    internal IReadOnlyList<PlaceSet> Keep(IReadOnlyList<float[]> scores, long budget, bool density)
    {
        var ranking = Parts.SelectMany((part, p) => part.Units.Select((unit, i) => (Part: p, Unit: unit, Score: density ? (double)scores[p][i] / part.Cost : scores[p][i])))
            .OrderByDescending(u => u.Score);
        var kept = Parts.Select(_ => new List<int>()).ToArray();
        var cheapest = Parts.Min(p => p.Cost);
        foreach (var (part, unit, _) in ranking)
        {
            if (budget < cheapest)
                break;
            if (Parts[part].Cost > budget)
                continue;
            kept[part].Add(unit);
            budget -= Parts[part].Cost;
        }
        return [.. Parts.Zip(kept).Where(p => p.Second.Count > 0).Select(p => Survivors.Kept(p.First.Name, p.Second))];
    }
}
