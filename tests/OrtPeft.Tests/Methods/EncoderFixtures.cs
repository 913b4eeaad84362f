using System.Text.RegularExpressions;

namespace OrtPeft.Tests;

/// <summary>The reference runs of methods inside the backbone. A new one is a row.</summary>
static partial class EncoderFixtures
{
    internal static readonly IReadOnlyDictionary<string, Func<EncoderFixture>> Table = new Dictionary<string, Func<EncoderFixture>>
    {
        ["bitfit"] = () => new("bitfit", new BitFitOptions(), (tensor, read) => read(Module(tensor))),
        ["layer-norm"] = () => new("layernorm-tuning", new LayerNormOptions(), (tensor, read) => read(Module(tensor))),
        ["lora"] = () => new("lora", new LoraOptions { Rank = 4, Alpha = 8 }, (tensor, read) => read(InPeft(tensor) + (tensor.Contains("lora", StringComparison.Ordinal) ? ".weight" : ""))) { HasPooler = true },
        ["ia3"] = () => new("ia3", new Ia3Options { FeedForward = "o,ffn.out" }, (tensor, read) =>
            read(InPeft(tensor.Replace(".input.scale", ".ia3_l", StringComparison.Ordinal).Replace(".scale", ".ia3_l", StringComparison.Ordinal)))) { HasPooler = true },
        ["ssf"] = () => new("ssf", new SsfOptions(), (tensor, read) => read(IsHead(tensor) ? tensor : "ssf." + Module(tensor))),
        ["pasta-single"] = () => Pasta("pasta/single", new PastaOptions { Dropout = 0, SpecialTokens = 2 }),
        ["pasta-pair"] = () => Pasta("pasta/pair", new PastaOptions { Dropout = 0 }),
        ["pasta-pair-roberta"] = () => Pasta("pasta/pair-roberta", new PastaOptions { Dropout = 0 }) with { Model = "tiny-roberta" },
        ["aot-kron"] = () => new("aot-kron", new AotKronOptions { Rank = 4, Dropout = 0 }, Ahead),
        ["aot-fc"] = () => new("aot-fc", new AotFcOptions { Rank = 8, Dropout = 0 }, Ahead),
        ["adapter"] = () => new("houlsby-adapters", new BottleneckOptions { Size = 8 }, (tensor, read) =>
            read(IsHead(tensor) ? tensor : Adapter().Replace(tensor, "adapter.$1.$2.$3"))),
        ["prompt"] = () => new("prompt-tuning", new PromptOptions { Tokens = 4 }, (tensor, read) => read(IsHead(tensor) ? $"base_model.{tensor}" : "prompt_embeddings")) { HasPooler = true },
    };

    static EncoderFixture Pasta(string folder, PastaOptions options) => new(folder, options, (tensor, read) =>
        IsHead(tensor) ? read(tensor) : read("pasta.E").Chunk(read("pasta.E").Length / 3).ElementAt(int.Parse(tensor.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)));

    static float[] Ahead(string tensor, Func<string, float[]> read) => read(IsHead(tensor) ? tensor : tensor.Replace("layer", "aot", StringComparison.Ordinal).Replace(".aot.", ".", StringComparison.Ordinal));

    static bool IsHead(string tensor) => tensor.StartsWith("classifier", StringComparison.Ordinal);

    static string InPeft(string tensor) => IsHead(tensor) ? $"base_model.model.{tensor}" : $"base_model.model.bert.{Module(tensor)}";

    /// <summary>"layer.0.attention.q.bias" in Hugging Face's BERT.</summary>
    static string Module(string tensor)
    {
        foreach (var (role, module) in Modules)
            tensor = Regex.Replace(tensor, $@"^layer\.(\d+)\.{Regex.Escape(role)}\.", $"encoder.layer.$1.{module}.");
        return Regex.Replace(tensor, @"^embeddings\.norm\.", "embeddings.LayerNorm.");
    }

    static readonly Dictionary<string, string> Modules = new()
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
