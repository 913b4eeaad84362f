namespace OrtPeft;

/// <summary>The parts of a layer by role, under the names that `inspect --sites` shows.</summary>
static class EncoderRoles
{
    internal const string Query = "attention.q", Key = "attention.k", Value = "attention.v", QueryKeyValue = "attention.qkv", AttentionOutput = "attention.o";
    internal const string FeedForwardIn = "ffn.in", FeedForwardGate = "ffn.gate", FeedForwardOut = "ffn.out";
    internal const string AttentionNorm = "norm.attention", FeedForwardNorm = "norm.ffn";

    /// <summary>Every product of a layer with a weight; what one product computes together, as query, key and value sometimes are, is one.</summary>
    internal static IEnumerable<(string Role, LinearSite Site)> Linears(EncoderLayer layer) => Present<LinearSite>(
        layer.QueryKeyValue is null ? [(Query, layer.Query), (Key, layer.Key), (Value, layer.Value)] : [(QueryKeyValue, layer.QueryKeyValue)],
        [(AttentionOutput, layer.AttentionOutput), (FeedForwardIn, layer.FeedForwardIn?.Whole)],
        layer.FeedForwardGate is { } gate && gate.Node != layer.FeedForwardIn?.Node ? [(FeedForwardGate, gate)] : [],
        [(FeedForwardOut, layer.FeedForwardOut)]);

    /// <summary>The norms of a layer.</summary>
    internal static IEnumerable<(string Role, NormSite Site)> Norms(EncoderLayer layer) =>
        Present<NormSite>([(AttentionNorm, layer.AttentionNorm), (FeedForwardNorm, layer.FeedForwardNorm)]);

    /// <summary>The linear layer of a role; query, key and value also where they are a part of one product.</summary>
    internal static LinearSite? Linear(EncoderLayer layer, string role) => role switch
    {
        Query => layer.Query,
        Key => layer.Key,
        Value => layer.Value,
        QueryKeyValue => layer.QueryKeyValue,
        AttentionOutput => layer.AttentionOutput,
        FeedForwardIn => layer.FeedForwardIn,
        FeedForwardGate => layer.FeedForwardGate,
        FeedForwardOut => layer.FeedForwardOut,
        _ => null,
    };

    /// <summary>Roles from an option: names with commas between, `q`, `k`, `v`, `o` for short, or `all`.</summary>
    /// <exception cref="OrtPeftException">There is no such role.</exception>
    internal static IReadOnlyList<string> Parse(string option, string roles)
    {
        string[] known = [Query, Key, Value, AttentionOutput, FeedForwardIn, FeedForwardGate, FeedForwardOut];
        if (roles == "all")
            return known;
        var chosen = roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(r => r.Length == 1 ? $"attention.{r}" : r).Distinct().ToArray();
        if (chosen.Length == 0 || chosen.FirstOrDefault(r => !known.Contains(r)) is not null)
            throw new OrtPeftException($"{option} is '{roles}'; expected all, or some of {string.Join(", ", known)} with commas between.");
        return chosen;
    }

    /// <summary>The role as users write it: `q` for `attention.q`.</summary>
    internal static string Short(string role) => role.StartsWith("attention.", StringComparison.Ordinal) ? role["attention.".Length..] : role;

    static IEnumerable<(string, T)> Present<T>(params (string, T?)[][] sites)
        where T : class => sites.SelectMany(s => s).Where(s => s.Item2 is not null).Select(s => (s.Item1, s.Item2!));
}
