using System.Text.RegularExpressions;

namespace OrtPeft.Tests;

/// <summary>The reference runs of methods inside the backbone. A new one is a row.</summary>
static partial class EncoderFixtures
{
    internal static IReadOnlyDictionary<string, Func<EncoderFixture>> Table { get; } = NasFixtures.Retrained.Concat(new Dictionary<string, Func<EncoderFixture>>
    {
        ["bitfit"] = () => new("bitfit", new BitFitOptions(), (tensor, read) => read(Module(tensor))),
        ["layer-norm"] = () => new("layernorm-tuning", new LayerNormOptions(), (tensor, read) => read(Module(tensor))),
        ["lora"] = () => new("lora", new LoraOptions { Rank = 4, Alpha = 8 }, (tensor, read) => read(InPeft(tensor) + (tensor.Contains("lora", StringComparison.Ordinal) ? ".weight" : ""))) { HasPooler = true },
        ["ia3"] = () => new("ia3", new Ia3Options { FeedForward = "o,ffn.out" }, (tensor, read) =>
            read(InPeft(tensor.Replace(".input.scale", ".ia3_l", StringComparison.Ordinal).Replace(".scale", ".ia3_l", StringComparison.Ordinal))))
        { HasPooler = true },
        ["ssf"] = () => new("ssf", new SsfOptions(), (tensor, read) => read(IsHead(tensor) ? tensor : "ssf." + Module(tensor))),
        ["pasta-single"] = () => Pasta("pasta/single", new PastaOptions { Dropout = 0, SpecialTokens = 2 }),
        ["pasta-pair"] = () => Pasta("pasta/pair", new PastaOptions { Dropout = 0 }),
        ["pasta-pair-roberta"] = () => Pasta("pasta/pair-roberta", new PastaOptions { Dropout = 0 }) with { Model = "tiny-roberta" },
        ["aot-kron"] = () => new("aot-kron", new AotKronOptions { Rank = 4, Dropout = 0 }, Ahead),
        ["aot-fc"] = () => new("aot-fc", new AotFcOptions { Rank = 8, Dropout = 0 }, Ahead),
        ["adapter"] = () => new("houlsby-adapters", new BottleneckOptions { Size = 8 }, (tensor, read) =>
            read(IsHead(tensor) ? tensor : Adapter().Replace(tensor, "adapter.$1.$2.$3"))),
        ["prefix"] = () => new("prefix-tuning", new PrefixOptions { Tokens = 4 }, (tensor, read) =>
            IsHead(tensor) ? read($"base_model.{tensor}") : PrefixPart(tensor, read("prompt_embeddings")))
        { HasPooler = true },
        ["fine-tuning"] = () => new("full-fine-tuning", new FineTuningOptions(), (tensor, read) => Matrix(tensor, read(Module(tensor)))),
        ["ttc-first"] = () => Ttc("stage1", new TtcOptions { Stage = TtcStage.First }),
        ["ttc-attn"] = () => SecondStage(TtcPosition.Attn),
        ["ttc-mlp"] = () => SecondStage(TtcPosition.Mlp),
        ["ttc-qkv"] = () => SecondStage(TtcPosition.Qkv),
        ["prompt"] = () => new("prompt-tuning", new PromptOptions { Tokens = 4 }, (tensor, read) => read(IsHead(tensor) ? $"base_model.{tensor}" : "prompt_embeddings")) { HasPooler = true },
    }).ToDictionary();

    /// <summary>TTC on a vision Transformer; the second stage begins with the reference's norms and channels.</summary>
    internal static EncoderFixture Ttc(string stage, TtcOptions options) => new($"ttc/{stage}", options, (tensor, read) => read(TtcName(tensor)))
    {
        Model = "tiny-vit",
        Batches = "ttc/stage1",
    };

    static EncoderFixture SecondStage(TtcPosition position)
    {
        var stage1 = new MethodFixture("ttc/stage1");
        var names = Enumerable.Range(0, 3).SelectMany(l => new[] { $"layer.{l}.norm.attention", $"layer.{l}.norm.ffn" }).Append("final.norm").SelectMany(n => new[] { $"{n}.weight", $"{n}.bias" });
        var norms = names.Select(n => new TrainedTensor(n, [32], stage1.Read("after5", "param." + TtcName(n))));
        var places = TtcFixture.Places(position).Select(p => new PlaceSet($"layer.{p.Layer}.ttc.{p.Map}.channels", TtcFixture.Index($"{p.Map}.{p.Layer}")));
        return Ttc($"stage2-{ChannelScores.Word(position)}", new TtcOptions { Position = position, Channels = 4, Scale = 0.5, Found = new Finding([.. norms], [.. places]) });
    }

    /// <summary>Our name of a tensor in the reference.</summary>
    internal static string TtcName(string tensor)
    {
        tensor = tensor.Replace("norm.attention", "layernorm_before", StringComparison.Ordinal).Replace("norm.ffn", "layernorm_after", StringComparison.Ordinal).Replace("final.norm", "layernorm", StringComparison.Ordinal);
        tensor = Regex.Replace(tensor, @"^layer\.(\d+)\.ttc\.(\w+)\.", "ttc.$2.$1.");
        return Regex.Replace(tensor, @"^layer\.", "encoder.layer.");
    }

    /// <summary>Keys and values of layer l are slices 2l and 2l + 1 of the reference's [tokens, 2 layers, heads, width].</summary>
    static float[] PrefixPart(string tensor, float[] all)
    {
        const int Tokens = 4, Slices = 6, Heads = 4, Width = 8;
        var slice = 2 * int.Parse(tensor.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture) + (tensor.EndsWith("value", StringComparison.Ordinal) ? 1 : 0);
        return [.. from head in Enumerable.Range(0, Heads)
                   from token in Enumerable.Range(0, Tokens)
                   from i in Enumerable.Range(0, Width)
                   select all[((token * Slices + slice) * Heads + head) * Width + i]];
    }

    static EncoderFixture Pasta(string folder, PastaOptions options) => new(folder, options, (tensor, read) =>
        IsHead(tensor) ? read(tensor) : read("pasta.E").Chunk(read("pasta.E").Length / 3).ElementAt(int.Parse(tensor.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)));

    static float[] Ahead(string tensor, Func<string, float[]> read) => read(IsHead(tensor) ? tensor : tensor.Replace("layer", "aot", StringComparison.Ordinal).Replace(".aot.", ".", StringComparison.Ordinal));

    /// <summary>Weights of linear layers, which PyTorch has as [out, in], as ONNX files have them.</summary>
    static float[] Matrix(string tensor, float[] values)
    {
        var outWidth = tensor.EndsWith("ffn.in.weight", StringComparison.Ordinal) ? 64 : 32;
        if (!LinearWeight().IsMatch(tensor))
            return values;
        var inWidth = values.Length / outWidth;
        return [.. from i in Enumerable.Range(0, inWidth) from o in Enumerable.Range(0, outWidth) select values[o * inWidth + i]];
    }

    [GeneratedRegex(@"\.(attention\.[qkvo]|ffn\.(in|out))\.weight$")]
    private static partial Regex LinearWeight();

    internal static bool IsHead(string tensor) => tensor.StartsWith("classifier", StringComparison.Ordinal);

    static string InPeft(string tensor) => IsHead(tensor) ? $"base_model.model.{tensor}" : $"base_model.model.bert.{Module(tensor)}";

    /// <summary>"layer.0.attention.q.bias" in Hugging Face's BERT.</summary>
    internal static string Module(string tensor)
    {
        foreach (var (role, module) in Modules)
            tensor = Regex.Replace(tensor, $@"^layer\.(\d+)\.{Regex.Escape(role)}\.", $"encoder.layer.$1.{module}.");
        tensor = Regex.Replace(tensor, @"^embeddings\.norm\.", "embeddings.LayerNorm.");
        return Regex.Replace(tensor, @"^embeddings\.(word|position|type)s\.", m => $"embeddings.{(m.Groups[1].Value == "type" ? "token_type" : m.Groups[1].Value)}_embeddings.");
    }

    internal static readonly Dictionary<string, string> Modules = new()
    {
        ["attention.q"] = "attention.self.query",
        ["attention.k"] = "attention.self.key",
        ["attention.v"] = "attention.self.value",
        ["attention.o"] = "attention.output.dense",
        ["norm.attention"] = "attention.output.LayerNorm",
        ["ffn.in"] = "intermediate.dense",
        ["ffn.out"] = "output.dense",
        ["norm.ffn"] = "output.LayerNorm",
    };

    [GeneratedRegex(@"^layer\.(\d+)\.(attention|ffn)\.adapter\.(.*)$")]
    private static partial Regex Adapter();
}
