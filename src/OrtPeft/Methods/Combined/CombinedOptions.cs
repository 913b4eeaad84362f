namespace OrtPeft;

/// <summary>
/// Several methods at once, such as `lora+bitfit`, under one head. First those that give parameters other values, then the others in the order of the
/// table of methods. One method besides those fuses as it does alone; several stay beside the weights.
/// </summary>
public sealed record CombinedOptions : EncoderMethodOptions
{
    readonly EncoderMethodOptions[] _inOrder;

    /// <param name="parts">The methods, at least two, each once; pooling, head and headRate must be the same.</param>
    /// <exception cref="OrtPeftException">The methods cannot be combined.</exception>
    public CombinedOptions(params EncoderMethodOptions[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Parts = [.. parts];
        var names = TuningMethods.Table.Keys.ToList();
        _inOrder = [.. parts.OrderByDescending(p => p.IsInPlace).ThenBy(p => names.IndexOf(p.Method))];
        if (parts.Length < 2 || parts.DistinctBy(p => p.Method).Count() < parts.Length || parts.Any(p => p is CombinedOptions))
            throw new OrtPeftException($"'{Method}' is no combination: expected two methods or more, each once, such as {LoraOptions.Name}{Combinations.Sign}{BitFitOptions.Name}.");
        if (parts.FirstOrDefault(p => (p with { Head = default }).Stages.Count > 0) is { } staged)
            throw new OrtPeftException($"'{Method}': {staged.Method} is trained in several runs and cannot be combined.");
        if (parts.DistinctBy(p => (p.Pooling, p.HeadRate, p.Head)).Count() > 1)
            throw new OrtPeftException($"'{Method}': pooling, head or headRate differ between the methods, but there is one head. Give them without a method's name.");
        (Pooling, HeadRate, Head, BackboneDropout) = (parts[0].Pooling, parts[0].HeadRate, parts[0].Head, parts.Max(p => p.BackboneDropout));
        Layers = parts.Any(p => p.Layers == 0) ? 0 : parts.Max(p => p.Layers);
    }

    /// <summary>The methods.</summary>
    public IReadOnlyList<EncoderMethodOptions> Parts { get; }

    /// <inheritdoc/>
    public override string Method => string.Join(Combinations.Sign, Parts.Select(p => p.Method));

    internal override string? Unmergeable => "several methods were trained at once";

    internal override string? Leftover => Beside.Length > 1
        ? $"{string.Join(" and ", Beside.Select(p => p.Method))} are not fused together; they stay beside the weights."
        : Beside.FirstOrDefault()?.Leftover;

    /// <summary>Those of the method with the lowest learning rate.</summary>
    internal override TrainingOptions Defaults(int examples) => Parts.Select(p => p.Defaults(examples)).MinBy(d => d.LearningRate)!;

    internal override MethodOptions Prepared(Backbone backbone) => Each(part => part.Prepared(backbone));

    internal override (MethodOptions Options, IReadOnlyList<TrainedTensor> Tensors) Settled(IReadOnlyList<TrainedTensor> tensors)
    {
        var options = Each(part =>
        {
            (var settled, tensors) = part.Settled(tensors);
            return settled;
        });
        return (options, tensors);
    }

    private protected override void Validate(Backbone backbone)
    {
        foreach (var part in Parts)
            part.ValidatePart(backbone);
    }

    private protected override void Hook(HookScope scope)
    {
        foreach (var part in _inOrder)
            part.HookPart(scope);
    }

    private protected override void Fuse(HookScope scope)
    {
        foreach (var part in _inOrder)
        {
            if (part.IsInPlace || Beside.Length == 1)
                part.FusePart(scope);
            else
                part.HookPart(scope);
        }
    }

    EncoderMethodOptions[] Beside => [.. Parts.Where(p => !p.IsInPlace)];

    CombinedOptions Each(Func<EncoderMethodOptions, MethodOptions> change) => new([.. Parts.Select(p => (EncoderMethodOptions)change(p))]);
}
