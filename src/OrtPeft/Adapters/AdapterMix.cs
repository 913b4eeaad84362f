using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// Several adapters of one method, backbone and task as one: t = t_0 + sum_i w_i (t_i - t_0) for every trained tensor of the encoder, t_0 being the value that
/// changes nothing (task arithmetic, Ilharco et al., arXiv 2212.04089); with weights that sum to 1, the weighted mean. LoRA mixes the products B A exactly,
/// by standing its factors side by side. The head is the weighted mean of the heads.
/// </summary>
public static class AdapterMix
{
    /// <summary>Mixes adapters.</summary>
    /// <param name="folders">Their folders, at least two.</param>
    /// <param name="weights">One weight for each; negative ones subtract what an adapter has learned.</param>
    /// <param name="model">The backbone; null looks where it was when the first adapter was trained.</param>
    /// <exception cref="OrtPeftException">They are of different methods, options, backbones or tasks, or a mean of such tensors means nothing.</exception>
    public static Adapter Of(IReadOnlyList<string> folders, IReadOnlyList<double> weights, string? model = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentNullException.ThrowIfNull(weights);
        if (folders.Count < 2 || weights.Count != folders.Count)
            throw new OrtPeftException($"There are {folders.Count} adapters and {weights.Count} weights; expected at least two adapters and a weight for each.");
        var sum = weights.Sum();
        if (!(sum > 1e-6) || !weights.All(double.IsFinite))
            throw new OrtPeftException(string.Create(CultureInfo.InvariantCulture, $"The weights sum to {sum}; expected a positive sum, because the heads' mean is taken by them."));
        var adapters = folders.Select(Adapter.Load).ToArray();
        var backbone = adapters[0].OpenBackbone(folders[0], model);
        for (var i = 1; i < adapters.Length; i++)
            RequireAlike(folders[0], adapters[0].Info, folders[i], adapters[i].Info);

        var first = adapters[0].Info;
        var options = adapters.Select(a => a.Method).ToArray();
        RequireMixable(first.Method, options[0], sum);
        var mixed = options[0] is LoraOptions lora ? lora with { Rank = options.Sum(o => ((LoraOptions)o).Rank), Alpha = options.Sum(o => ((LoraOptions)o).Rank), RankStabilized = false } : options[0];
        var tunable = mixed.Apply(backbone, LearningTasks.Restore(first), seed: 0);
        var inEncoder = tunable.Encoder?.Tensors.Select(t => t.Name).ToHashSet() ?? [];
        var shares = weights.Select(w => w / sum).ToArray();
        TrainedTensor[] tensors =
        [
            .. tunable.Tensors.Select(tensor =>
            {
                var parts = adapters.Select((a, i) => a.Tensors.FirstOrDefault(t => t.Name == tensor.Name)
                    ?? throw new OrtPeftException($"Adapter '{folders[i]}' has no tensor '{tensor.Name}'. It is damaged; train again.")).ToArray();
                return !inEncoder.Contains(tensor.Name) ? Sum(tensor, parts, shares, null)
                    : tensor.Name.EndsWith(".lora_A", StringComparison.Ordinal) ? tensor with { Values = [.. parts.SelectMany(p => p.Values)] }
                    : tensor.Name.EndsWith(".lora_B", StringComparison.Ordinal) ? Beside(tensor, parts, [.. weights.Select((w, i) => w * ((LoraOptions)options[i]).Scale)])
                    : Sum(tensor, parts, weights, options[0] is PastaOptions ? null : tensor.Values);
            }),
        ];
        return new Adapter(first with
        {
            Options = TuningMethods.ToJson(mixed),
            Backbone = first.Backbone with { Path = Path.GetFullPath(backbone.Path) },
            Task = first.Task is { } task ? task with { Thresholds = null } : null,
            MaxLength = adapters.Min(a => a.Info.MaxLength),
            TrainableParameters = tensors.Sum(t => t.Count),
            Metrics = new Dictionary<string, double>(),
            Run = FileHash.OfText(JsonSerializer.Serialize(new { Runs = adapters.Select(a => a.Info.Run), Weights = weights }, Json.Compact)),
        }, tensors);
    }

    static void RequireAlike(string folder, AdapterInfo a, string other, AdapterInfo b)
    {
        Require("methods", a.Method, b.Method);
        Require("backbones", a.Backbone.Sha256, b.Backbone.Sha256);
        Require("tokenizers", a.Tokenizer, b.Tokenizer);
        Require("options", Options(a), Options(b));
        Require("tasks", Task(a), Task(b));

        void Require(string what, string first, string second)
        {
            if (first != second)
                throw new OrtPeftException($"'{folder}' and '{other}' have different {what}: {first} and {second}. Only adapters that differ in their values can be mixed.");
        }

        static string Options(AdapterInfo info) => TuningMethods.ToJson(TuningMethods.FromJson(info.Method, info.Options.DeepClone()) switch
        {
            // Of these the factors know all that matters.
            LoraOptions lora => lora with { Rank = 1, Alpha = 1, RankStabilized = false, Init = default, Dropout = 0, RateOfB = 1, HeadRate = 1, BackboneDropout = 0 },
            var options => options,
        }).ToJsonString();

        static string Task(AdapterInfo info) => JsonSerializer.Serialize(new { Task = info.Task is { } task ? task with { Thresholds = null } : null, info.Labels }, Json.Compact);
    }

    static void RequireMixable(string method, MethodOptions options, double sum)
    {
        if (options is NasOptions)
            throw new OrtPeftException($"{method} trains other entries in every adapter, so there is no mean of them. Train one on both data sets, or let both answer (`predict A B`).");
        if (options is PrefixOptions { Projection: 0 } or PromptOptions)
        {
            if (Math.Abs(sum - 1) > 1e-6)
                throw new OrtPeftException(string.Create(CultureInfo.InvariantCulture, $"The weights sum to {sum}; {method} has no value that changes nothing, so that only weights that sum to 1 are possible."));
        }
        else if (options is not (LoraOptions { Dora: false } or Ia3Options or SsfOptions or LayerNormOptions or BitFitOptions or PastaOptions or FineTuningOptions or LinearProbeOptions))
        {
            throw new OrtPeftException($"{method} computes with products of trained tensors, whose mean is not the mean of what they compute. Train one on both data sets, or let both answer (`predict A B`).");
        }
    }

    /// <summary>start + sum_i w_i (part_i - start); without a start, sum_i w_i part_i.</summary>
    static TrainedTensor Sum(TrainedTensor tensor, TrainedTensor[] parts, IReadOnlyList<double> weights, float[]? start)
    {
        var values = new float[tensor.Count];
        for (var i = 0; i < values.Length; i++)
        {
            double zero = start?[i] ?? 0, sum = zero;
            for (var p = 0; p < parts.Length; p++)
                sum += weights[p] * (parts[p].Values[i] - zero);
            values[i] = (float)sum;
        }
        return tensor with { Values = values };
    }

    /// <summary>[out, sum of ranks] from [out, rank] each, times a factor.</summary>
    static TrainedTensor Beside(TrainedTensor tensor, TrainedTensor[] parts, double[] factors)
    {
        var values = new List<float>();
        for (var row = 0; row < tensor.Shape[0]; row++)
        {
            for (var p = 0; p < parts.Length; p++)
            {
                var rank = (int)parts[p].Shape[1];
                values.AddRange(parts[p].Values.AsSpan(row * rank, rank).ToArray().Select(v => (float)(v * factors[p])));
            }
        }
        return tensor with { Values = [.. values] };
    }
}
