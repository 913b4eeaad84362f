namespace OrtPeft;

/// <summary>
/// LoRA from peft's tensors. Where modules have ranks or alphas of their own, smaller factors are filled with zeros to the largest rank and B takes the
/// quotient of the scales, which computes the same.
/// </summary>
static class PeftLora
{
    const string A = ".lora_A.weight", B = ".lora_B.weight", Magnitude = ".lora_magnitude_vector";

    /// <summary>peft's defaults of r and lora_alpha.</summary>
    const int DefaultRank = 8, DefaultAlpha = 8;

    internal static EncoderMethodOptions Options(PeftSource source)
    {
        var sites = source.SitesWith(A);
        foreach (var (_, entry) in sites)
        {
            if (entry.Shape is not [>= 1, _] || entry.Shape[0] > source.Backbone.Hidden)
                throw source.File.Refused($"tensor '{entry.Name}' is [{string.Join(", ", entry.Shape)}]; expected a matrix with 1 to {source.Backbone.Hidden} rows");
        }
        var config = source.Config;
        return new LoraOptions
        {
            Targets = PeftSource.RolesOf(sites),
            Layers = source.LastLayers(sites),
            Rank = (int)sites.Max(s => s.Entry.Shape[0]),
            Alpha = config.Alpha ?? DefaultAlpha,
            RankStabilized = config.RankStabilized ?? false,
            Dora = config.Dora ?? false,
            Dropout = Math.Clamp(config.Dropout ?? 0, 0, 0.9),
        };
    }

    internal static void Fill(PeftSource source, EncoderMethodOptions options, IReadOnlyList<TrainedTensor> tensors)
    {
        var lora = (LoraOptions)options;
        // A and B of one module follow each other, and with DoRA the lengths.
        foreach (var pair in tensors.Chunk(lora.Dora ? 3 : 2))
        {
            var path = source.Names.Require(PeftLayout.SiteOf(pair[0].Name));
            if (source.File.Find(path + A) is not { } a)
                continue;
            var b = source.File.Find(path + B) ?? throw source.File.Refused($"it has '{a.Name}' but no '{B[1..]}' of that module");
            var (rank, width, outWidth) = ((int)a.Shape[0], (int)pair[0].Shape[1], (int)pair[1].Shape[0]);
            source.File.Read(a, rank, width).CopyTo(pair[0].Values, 0);
            pair[0].Values.AsSpan(rank * width).Clear();
            var values = source.File.Read(b, outWidth, rank);
            var quotient = Scale(source, path, rank, lora) / lora.Scale;
            for (var i = 0; i < values.Length; i++)
                pair[1].Values[i / rank * lora.Rank + i % rank] = (float)(values[i] * quotient);
            if (lora.Dora)
            {
                var lengths = source.File.Find(path + Magnitude) ?? source.File.Find($"{path}{Magnitude}.weight") ?? throw source.File.Refused($"{PeftConfig.File} says use_dora, but it has no '{Magnitude[1..]}' of '{path}'");
                source.File.Read(lengths, outWidth).CopyTo(pair[2].Values, 0);
            }
        }
    }

    static double Scale(PeftSource source, string path, int rank, LoraOptions options)
    {
        var config = source.Config;
        var patterns = config.AlphaPattern ?? new Dictionary<string, double>();
        if (patterns.Keys.FirstOrDefault(p => p.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_'))) is { } expression)
            throw PeftConfig.Refused(source.File.Path, $"alpha_pattern has the regular expression {DataError.Quote(expression)}; expected module names");
        var alpha = patterns.FirstOrDefault(p => $".{path}".EndsWith($".{p.Key}", StringComparison.Ordinal) || p.Key.EndsWith($".{path}", StringComparison.Ordinal)) is { Key: not null } own ? own.Value : options.Alpha;
        if ((config.RankPattern ?? new Dictionary<string, int>()).Count == 0 && rank != (config.Rank ?? DefaultRank))
            throw source.File.Refused($"the matrices of '{path}' have rank {rank}; {PeftConfig.File} says r={config.Rank ?? DefaultRank}");
        return options.RankStabilized ? alpha / Math.Sqrt(rank) : alpha / rank;
    }
}
