using System.Globalization;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// Sites that a user names by hand, for encoders that are not recognised: a JSON object of site names and tensors, such as
/// { "layer.0": "hidden", "layer.0.attention.q": "query/Add_output_0" }. They take the place of what was found. A file beside the model counts for every use of it.
/// </summary>
static class HandNamedSites
{
    internal const string FileName = "sites.json";

    static readonly Dictionary<string, Func<EncoderLayer, LinearSite, EncoderLayer>> Linears = new()
    {
        ["attention.q"] = (layer, site) => layer with { Query = site },
        ["attention.k"] = (layer, site) => layer with { Key = site },
        ["attention.v"] = (layer, site) => layer with { Value = site },
        ["attention.qkv"] = (layer, site) => layer with { QueryKeyValue = site },
        ["attention.o"] = (layer, site) => layer with { AttentionOutput = site },
        ["ffn.in"] = (layer, site) => layer with { FeedForwardIn = site },
        ["ffn.gate"] = (layer, site) => layer with { FeedForwardGate = site },
        ["ffn.out"] = (layer, site) => layer with { FeedForwardOut = site },
    };

    static readonly Dictionary<string, Func<EncoderLayer, NormSite, EncoderLayer>> Norms = new()
    {
        ["norm.attention"] = (layer, site) => layer with { AttentionNorm = site },
        ["norm.ffn"] = (layer, site) => layer with { FeedForwardNorm = site },
    };

    /// <summary>Reads a file of named sites.</summary>
    /// <exception cref="OrtPeftException">The file is missing or no JSON object of names and tensors.</exception>
    internal static IReadOnlyDictionary<string, string> Read(string path) =>
        Json.Read<Dictionary<string, string>>(path, "--sites", "Expected a JSON object that names a tensor for each site, such as { \"layer.0.attention.q\": \"query/Add_output_0\" }.");

    /// <summary>The sites named in the file beside a model; null when there is none.</summary>
    /// <exception cref="OrtPeftException">The file is no JSON object of names and tensors.</exception>
    internal static IReadOnlyDictionary<string, string>? Beside(string modelPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, FileName);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>The layers with the named sites.</summary>
    /// <exception cref="OrtPeftException">A name is no site's, a tensor does not exist or is of the wrong kind, or layers are left out.</exception>
    internal static EncoderLayer[] Apply(EncoderGraph g, IReadOnlyList<EncoderLayer> found, IReadOnlyDictionary<string, string> named)
    {
        var layers = found.ToDictionary(l => l.Index);
        foreach (var (name, tensor) in named)
        {
            if (name.Split('.', 3) is not ["layer", var number, .. var rest] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || rest is [var role] && !Linears.ContainsKey(role) && !Norms.ContainsKey(role))
                throw new OrtPeftException($"--sites: '{name}' is no site that can be named; expected layer.N (its input) or layer.N.R with R one of {string.Join(", ", Linears.Keys.Concat(Norms.Keys))}.");
            if (!g.Flow.Carries(tensor) || g.Producer(tensor) is not { } writer)
                throw new OrtPeftException($"--sites: '{name}' is the tensor '{tensor}', but no node of the graph computes a tensor of that name from the model's data inputs.");
            layers[index] = With(g, layers.GetValueOrDefault(index) ?? new EncoderLayer { Index = index }, name, rest.FirstOrDefault(), tensor, writer);
        }
        if (layers.Keys.Max() is var last && last >= layers.Count)
            throw new OrtPeftException($"--sites: there are sites of layer {last}, but none of layer {Enumerable.Range(0, last).First(i => !layers.ContainsKey(i))}. Name sites of every layer.");
        return [.. layers.OrderBy(l => l.Key).Select(l => l.Value with { Output = layers.GetValueOrDefault(l.Key + 1)?.Input ?? l.Value.Output })];
    }

    static EncoderLayer With(EncoderGraph g, EncoderLayer layer, string name, string? role, string tensor, OnnxNode writer)
    {
        OrtPeftException Wrong(string expected) => new($"--sites: '{name}' is the tensor '{tensor}', which {writer} writes; expected {expected}.");
        if (role is null)
            return g.ShapeOf(tensor) is null or { Count: 3 } ? layer with { Input = tensor } : throw Wrong("a tensor [batch, tokens, width]");
        if (Linears.TryGetValue(role, out var linear))
            return linear(layer, g.LinearAt(tensor) ?? throw Wrong("the output of a linear layer, a product by a constant matrix with or without its bias"));
        return Norms[role](layer, g.NormAt(tensor) ?? throw Wrong("the output of a norm"));
    }
}
