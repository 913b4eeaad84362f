namespace OrtPeft;

/// <summary>Finds numbers that are none: infinities and NaN.</summary>
static class NonFinite
{
    /// <summary>The first of <paramref name="tensors"/> that holds one, with its place; null when all are finite.</summary>
    internal static string? First(IEnumerable<TrainedTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            var at = Array.FindIndex(tensor.Values, v => !float.IsFinite(v));
            if (at >= 0)
                return $"'{tensor.Name}' at element {at} ({tensor.Values[at]})";
        }
        return null;
    }

    /// <summary>Throws when one of <paramref name="tensors"/> is not finite.</summary>
    internal static void Refuse(IEnumerable<TrainedTensor> tensors, string what)
    {
        if (First(tensors) is { } place)
            throw new OrtPeftException($"{what} gives numbers that are not finite, first in {place}. Look for empty or constant features, or choose another method.");
    }
}
