namespace OrtPeft;

/// <summary>peft's methods: our options for what a file holds, and the values of our tensors from its.</summary>
static class PeftMethods
{
    /// <summary>One row: how options are found, and how the encoder's tensors are read. A tensor that the file lacks keeps its start, which changes nothing.</summary>
    internal sealed record Row(string Method, Func<PeftSource, EncoderMethodOptions> Options, Action<PeftSource, EncoderMethodOptions, IReadOnlyList<TrainedTensor>> Fill);

    internal static readonly IReadOnlyDictionary<string, Row> Table = new Dictionary<string, Row>
    {
        [PeftConfig.Lora] = new(LoraOptions.Name, PeftLora.Options, PeftLora.Fill),
        [PeftConfig.Ia3] = new(Ia3Options.Name, Ia3, FillByModule),
        [PeftConfig.LayerNorm] = new(LayerNormOptions.Name, _ => new LayerNormOptions(), FillByModule),
        [PeftConfig.Prefix] = new(PrefixOptions.Name, source => new PrefixOptions { Tokens = Tokens(source) }, FillPrefix),
        [PeftConfig.Prompt] = new(PromptOptions.Name, source => new PromptOptions { Tokens = Tokens(source) }, FillPrompt),
    };

    /// <summary>peft's name of one of our methods; null when it has no such method.</summary>
    internal static string? TypeOf(string method) => Table.FirstOrDefault(r => r.Value.Method == method).Key;

    /// <summary>Factors of outputs lie as a column, factors of inputs as a row.</summary>
    static Ia3Options Ia3(PeftSource source)
    {
        var sites = source.SitesWith(".ia3_l");
        var inputs = sites.Where(s => s.Entry.Shape is [1, _]).ToArray();
        var outputs = sites.Except(inputs).ToArray();
        if (outputs.Length == 0 || inputs.Length == 0)
            throw source.File.Refused("it scales only inputs or only outputs of modules; IA3 here does both");
        return new Ia3Options { Targets = PeftSource.RolesOf(outputs), FeedForward = PeftSource.RolesOf(inputs), Layers = source.LastLayers(sites) };
    }

    static void FillByModule(PeftSource source, EncoderMethodOptions options, IReadOnlyList<TrainedTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            if (source.Names.Paths.ContainsKey(PeftLayout.SiteOf(tensor.Name)) && PeftLayout.Of(source.Names, tensor) is var (key, shape) && source.File.Find(key) is { } entry)
                source.File.Read(entry, shape).CopyTo(tensor.Values, 0);
        }
    }

    static int Tokens(PeftSource source) => source.Config.VirtualTokens ?? throw PeftConfig.Refused(source.File.Path, $"{PeftConfig.File} lacks num_virtual_tokens");

    static void FillPrefix(PeftSource source, EncoderMethodOptions options, IReadOnlyList<TrainedTensor> tensors)
    {
        var tokens = ((PrefixOptions)options).Tokens;
        PeftLayout.SplitPrefix(source.File.Read(Embeddings(source), tokens, tensors.Sum(t => t.Count) / tokens), tensors);
    }

    static void FillPrompt(PeftSource source, EncoderMethodOptions options, IReadOnlyList<TrainedTensor> tensors) =>
        source.File.Read(Embeddings(source), [.. tensors[0].Shape]).CopyTo(tensors[0].Values, 0);

    static SafetensorsEntry Embeddings(PeftSource source) => source.File.Find(PeftLayout.Embeddings) ?? throw source.File.Refused($"it lacks the tensor '{PeftLayout.Embeddings}'");
}
