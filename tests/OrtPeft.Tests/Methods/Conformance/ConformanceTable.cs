using OrtPeft.Tests.Graphs;

namespace OrtPeft.Tests;

/// <summary>What every method promises, and where one cannot be had and why.</summary>
static class ConformanceTable
{
    /// <param name="Options">The method, small.</param>
    /// <param name="IsIdentityAtStart">Whether the backbone computes what it did before the first step.</param>
    /// <param name="HasLayers">Whether the last layers can be tuned alone.</param>
    internal sealed record Row(EncoderMethodOptions Options, bool IsIdentityAtStart = true, bool HasLayers = true)
    {
        /// <summary>The method after its search, where it has one.</summary>
        internal Func<Backbone, EncoderMethodOptions, EncoderMethodOptions> Searched { get; init; } = (_, options) => options;
    }

    internal static readonly IReadOnlyDictionary<string, Row> Methods = new Dictionary<string, Row>
    {
        [BitFitOptions.Name] = new(new BitFitOptions()),
        [LayerNormOptions.Name] = new(new LayerNormOptions()),
        [LoraOptions.Name] = new(new LoraOptions { Rank = 2 }),
        ["lora-ranks"] = new(new LoraOptions { Rank = 2, Ranks = "0:1,2:4" }),
        ["lora-pissa"] = new(new LoraOptions { Rank = 2, Init = LoraInit.Pissa }),
        ["lora-olora"] = new(new LoraOptions { Rank = 2, Init = LoraInit.Olora, Targets = "v,ffn.out" }),
        ["lora-dora"] = new(new LoraOptions { Rank = 2, Dora = true, Targets = "q,ffn.out" }),
        ["lora-all"] = new(new LoraOptions { Rank = 2, Targets = "all" }),
        ["lora+bitfit"] = new(new CombinedOptions(new LoraOptions { Rank = 2 }, new BitFitOptions()), HasLayers: false),
        ["layer-norm+ssf+bitfit"] = new(new CombinedOptions(new LayerNormOptions(), new SsfOptions(), new BitFitOptions()), HasLayers: false),
        ["aot-kron+lora"] = new(new CombinedOptions(new AotKronOptions { Rank = 3 }, new LoraOptions { Rank = 2 }), HasLayers: false),
        [TtcOptions.Name] = new(new TtcOptions { Channels = 3 }),
        ["ttc-mlp"] = new(new TtcOptions { Channels = 3, Scale = 0.5, Position = TtcPosition.Mlp }),
        ["ttc-qkv"] = new(new TtcOptions { Channels = 3, Position = TtcPosition.Qkv, TuneNorms = true }),
        [Ia3Options.Name] = new(new Ia3Options()),
        [SsfOptions.Name] = new(new SsfOptions()),
        [PastaOptions.Name] = new(new PastaOptions(), IsIdentityAtStart: false),
        [AotKronOptions.Name] = new(new AotKronOptions { Rank = 3 }),
        [AotFcOptions.Name] = new(new AotFcOptions { Rank = 4 }),
        [PrefixOptions.Name] = new(new PrefixOptions { Tokens = 3 }, IsIdentityAtStart: false),
        ["prefix-projected"] = new(new PrefixOptions { Tokens = 3, Projection = 8 }, IsIdentityAtStart: false),
        [PromptOptions.Name] = new(new PromptOptions { Tokens = 3 }, IsIdentityAtStart: false, HasLayers: false),
        [BottleneckOptions.Name] = new(new BottleneckOptions { Size = 4 }),
        ["adapter-parallel"] = new(new BottleneckOptions { Size = 4, Placement = BottleneckPlacement.Parallel }),
        [FineTuningOptions.Name] = new(new FineTuningOptions()),
        [NasBitFitOptions.Name] = new(new NasBitFitOptions { Budget = "200" }),
        ["nas-bitfit-kept"] = new(new NasBitFitOptions { Unit = SearchUnit.Unstructured, Budget = "200" }) { Searched = TinySearch.Half },
        ["nas-lora-kept"] = new(new NasLoraOptions { Rank = 3, Budget = "200" }) { Searched = TinySearch.Half },
        ["nas-mixed-kept"] = new(new NasMixedOptions { Rank = 2, Unit = SearchUnit.Unstructured, Budget = "200" }) { Searched = TinySearch.Half },
    };

    /// <summary>Texts on every exporter's form of every text encoder.</summary>
    internal static IEnumerable<object[]> Cells =>
        from family in BackboneFixture.Names
        where family is not ("vit" or "bert-fresh")
        from export in BackboneFixture.Load(family).Exports
        where export is "legacy-opset14.onnx" or "dynamo-opset18.onnx" or "ort-optimized.onnx"
        from method in Methods.Keys
        select new object[] { method, family, export };

    /// <summary>A part of the reason that is given where a method is not for a graph; null where it is.</summary>
    internal static string? ReasonAgainst(string method, string family) => (method, family) switch
    {
        (BitFitOptions.Name or "lora+bitfit" or "layer-norm+ssf+bitfit" or NasBitFitOptions.Name or "nas-bitfit-kept" or "nas-mixed-kept", "modernbert" or "t5-encoder") => "have no biases",
        (PrefixOptions.Name or "prefix-projected", "deberta-v2") => "is not laid out as [rows, heads, sequence, width]",
        _ => null,
    };

    /// <summary>The same where only rows of several tasks cannot share a batch.</summary>
    internal static string? ReasonAgainstMerging(string method, string family) => (method, family) switch
    {
        (BitFitOptions.Name or LoraOptions.Name or "lora-ranks" or "lora-pissa" or "lora-all" or "lora+bitfit" or "layer-norm+ssf+bitfit" or "aot-kron+lora" or Ia3Options.Name or SsfOptions.Name, "deberta-v2") => "acts on relative positions too",
        _ => null,
    };
}
