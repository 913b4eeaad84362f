using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>Combinations of methods by name: `lora+bitfit`. Their options are those of the methods, under the methods' names.</summary>
static class Combinations
{
    internal const char Sign = '+';

    internal static bool IsOne(string method) => method.Contains(Sign, StringComparison.Ordinal);

    internal static TuningMethods.Row Row(string method)
    {
        var rows = method.Split(Sign).Select(TuningMethods.RowOf).ToArray();
        return new TuningMethods.Row(string.Join(" + ", rows.Select(r => r.DisplayName)), string.Join(" ", rows.Select(r => r.Summary)), typeof(CombinedOptions));
    }

    /// <summary>Settings such as `lora.rank=4` are one method's, those without a method's name are all methods'.</summary>
    internal static CombinedOptions Parse(string method, IEnumerable<string> settings)
    {
        var names = method.Split(Sign);
        var all = settings.ToLookup(s => names.FirstOrDefault(n => s.StartsWith(n + '.', StringComparison.Ordinal)) ?? "");
        return Of(names, name => TuningMethods.Parse(name, all[""].Concat(all[name].Select(s => s[(name.Length + 1)..]))));
    }

    internal static CombinedOptions FromJson(string method, JsonNode? options)
    {
        var names = method.Split(Sign);
        if (options?.AsObject().FirstOrDefault(o => !names.Contains(o.Key) || o.Value is not JsonObject) is { Key: { } wrong })
            throw new OrtPeftException($"Method '{method}' has no options '{wrong}'; expected those of {string.Join(", ", names)}.");
        return Of(names, name => TuningMethods.FromJson(name, options?[name]?.DeepClone()));
    }

    internal static JsonObject ToJson(CombinedOptions options) => new(options.Parts.Select(p => KeyValuePair.Create(p.Method, (JsonNode?)TuningMethods.ToJson(p))));

    static CombinedOptions Of(string[] names, Func<string, MethodOptions> options) => new([.. names.Select(name => options(name) as EncoderMethodOptions
        ?? throw new OrtPeftException($"'{string.Join(Sign, names)}': {name} does not train inside the backbone and cannot be combined."))]);
}
