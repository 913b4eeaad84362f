namespace OrtPeft;

/// <summary>
/// What the stages before a training found out, such as which channels or entries are worth training: named tensors that are not trained but belong to the
/// result, because its graph cannot be built without them. They lie beside the trained tensors in `adapter.safetensors`, under names that begin with "found/".
/// </summary>
/// <param name="Values">Numbers: scores, or parameters of the backbone that an earlier stage has changed.</param>
/// <param name="Places">Which entries: each set in ascending order.</param>
sealed record Finding(IReadOnlyList<TrainedTensor> Values, IReadOnlyList<PlaceSet> Places)
{
    const string Prefix = "found/";

    /// <summary>The numbers of that name.</summary>
    /// <exception cref="OrtPeftException">There are none, or not of that shape: the file was damaged.</exception>
    internal TrainedTensor Value(string name, params long[] shape) => Values.FirstOrDefault(v => v.Name == name && v.Shape.SequenceEqual(shape))
        ?? throw Damaged($"it has no found tensor '{name}' of shape [{string.Join(", ", shape)}]");

    /// <summary>The places of that name.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="below">What all of them are smaller than.</param>
    /// <param name="count">How many there must be; null for any number.</param>
    /// <exception cref="OrtPeftException">There are none, or they are not ascending numbers from 0 below that: the file was damaged.</exception>
    internal int[] PlacesOf(string name, int below, int? count = null)
    {
        var places = Places.FirstOrDefault(p => p.Name == name)?.Indices ?? throw Damaged($"it has no found places '{name}'");
        if (count is { } expected && places.Count != expected)
            throw Damaged($"the found places '{name}' are {places.Count}; expected {expected}");
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] < 0 || places[i] >= below || (i > 0 && places[i] <= places[i - 1]))
                throw Damaged($"the found places '{name}' have {places[i]} at {i}; expected ascending numbers from 0 to {below - 1}");
        }
        return [.. places.Select(p => (int)p)];
    }

    internal void Write(SafetensorsWriter writer)
    {
        foreach (var value in Values)
            writer.Add(Prefix + value.Name, value.Values, [.. value.Shape]);
        foreach (var places in Places)
            writer.Add(Prefix + places.Name, [.. places.Indices], places.Indices.Count);
    }

    /// <summary>The finding in a file, and all other tensors; null where nothing was found.</summary>
    internal static (Finding? Found, IReadOnlyList<TrainedTensor> Others) Read(SafetensorsFile file)
    {
        var entries = file.Tensors.Values.OrderBy(t => t.Offset).ToLookup(t => t.Name.StartsWith(Prefix, StringComparison.Ordinal));
        var others = entries[false].Select(t => new TrainedTensor(t.Name, t.Shape, file.ReadSingles(t.Name))).ToArray();
        if (!entries[true].Any())
            return (null, others);
        var found = entries[true].ToLookup(t => t.DType == "I64");
        return (new Finding(
            [.. found[false].Select(t => new TrainedTensor(t.Name[Prefix.Length..], t.Shape, file.ReadSingles(t.Name)))],
            [.. found[true].Select(t => new PlaceSet(t.Name[Prefix.Length..], file.ReadInt64s(t.Name)))]), others);
    }

    static OrtPeftException Damaged(string how) => new($"The adapter is damaged: {how}. Restore {Adapter.TensorsFile}, or train again.");
}

/// <summary>Places in a tensor: channels, entries or ranks.</summary>
sealed record PlaceSet(string Name, IReadOnlyList<long> Indices);
