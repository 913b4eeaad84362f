namespace OrtPeft;

/// <summary>Leaves out the examples whose images cannot be used.</summary>
static class BadImages
{
    const int Named = 3;

    /// <summary>Decodes every image of <paramref name="data"/> once; gives those that can be used, and a sentence about the others, null when there are none.</summary>
    /// <exception cref="OrtPeftException">None can be used.</exception>
    internal static (TextData Data, string? Notice) Skip(TextData data, CancellationToken cancellationToken)
    {
        var faults = data.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(Fault).ToArray();
        var bad = faults.OfType<string>().ToArray();
        if (bad.Length == 0)
            return (data, null);
        if (bad.Length == data.Count)
            throw new OrtPeftException($"None of the {data.Count} images can be used. The first: {bad[0]}");
        return (TextData.FromExamples(data.Where((_, i) => faults[i] is null), data.Source),
            $"{bad.Length} of {data.Count} images cannot be used and are left out: {string.Join(" ", bad.Take(Named))}{(bad.Length > Named ? $" And {bad.Length - Named} more." : "")}");
    }

    /// <summary>The examples that can be used, one by one; what is wrong with each of the others is told.</summary>
    internal static IEnumerable<Example> Skip(IEnumerable<Example> examples, Action<string> tell)
    {
        foreach (var example in examples)
        {
            if (Fault(example) is { } fault)
                tell(fault);
            else
                yield return example;
        }
    }

    static string? Fault(Example example)
    {
        try
        {
            example.Image?.Decode();
            return null;
        }
        catch (BadImageException e)
        {
            return e.Fault;
        }
    }
}
