namespace OrtPeft.Tests;

/// <summary>Architecture searches whose scores are drawn, not found.</summary>
static class TinySearch
{
    /// <summary>The method with half of its space kept.</summary>
    internal static EncoderMethodOptions Half(Backbone backbone, EncoderMethodOptions options)
    {
        var space = Space(backbone, (NasOptions)options);
        return Kept(options, space.Keep([.. space.Parts.Select(p => TrainedTensor.Uniform(p.Name, 1, 7, p.Units.Length).Values)], space.Size / 2, density: false));
    }

    internal static SearchSpace Space(Backbone backbone, NasOptions options) =>
        SearchSpace.Of(options.Apply(backbone, ["a", "b"], seed: 1).Encoder!.Tensors, options.Unit, null);

    internal static EncoderMethodOptions Kept(EncoderMethodOptions options, IEnumerable<PlaceSet> kept) => options with { Found = new Finding([], [.. kept, new PlaceSet("seed", [1])]) };
}
