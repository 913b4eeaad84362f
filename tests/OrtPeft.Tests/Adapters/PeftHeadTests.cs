using System.Text.Json;
using System.Text.Json.Nodes;
using MathNet.Numerics;

namespace OrtPeft.Tests;

/// <summary>The sequence classifiers of Hugging Face's families: hand-made adapters give the scores that the formula of each head gives by hand.</summary>
sealed class PeftHeadTests
{
    const int Width = 32, Labels = 3;

    /// <param name="Graph">The encoder.</param>
    /// <param name="ModelType">Its family, in config.json.</param>
    /// <param name="Module">A module of it that LoRA changes by nothing.</param>
    /// <param name="Dense">The head's layer before the last.</param>
    /// <param name="Output">Its last.</param>
    /// <param name="Head">What lies between pooled hidden state and last layer, given W h + b.</param>
    sealed record Row(string Graph, string ModelType, string Module, string Dense, string Output, Func<double[], double[]> Head)
    {
        internal (string Key, string Value)? Setting { get; init; }

        internal string? Norm { get; init; }

        internal bool IsMean { get; init; }
    }

    static readonly Dictionary<string, Row> Rows = new()
    {
        ["electra"] = new("bert", "electra", "electra.encoder.layer.0.attention.output.dense", "classifier.dense", "classifier.out_proj", Gelu),
        ["distilbert"] = new("distilbert", "distilbert", "distilbert.transformer.layer.0.attention.out_lin", "pre_classifier", "classifier", Relu),
        ["deberta"] = new("deberta-v2", "deberta", "deberta.encoder.layer.0.attention.output.dense", "pooler.dense", "classifier", Gelu),
        ["deberta-v2"] = new("deberta-v2", "deberta-v2", "deberta.encoder.layer.0.attention.output.dense", "pooler.dense", "classifier", Gelu),
        ["deberta-v2 with tanh"] = new("deberta-v2", "deberta-v2", "deberta.encoder.layer.0.attention.output.dense", "pooler.dense", "classifier", Tanh) { Setting = ("pooler_hidden_act", "tanh") },
        ["modernbert"] = new("modernbert", "modernbert", "model.layers.0.attn.Wo", "head.dense", "classifier", GeluAndNorm) { Norm = "head.norm" },
        ["modernbert, mean"] = new("modernbert", "modernbert", "model.layers.0.attn.Wo", "head.dense", "classifier", GeluAndNorm) { Norm = "head.norm", IsMean = true, Setting = ("classifier_pooling", "mean") },
    };

    static IEnumerable<string> Names => Rows.Keys;

    [TestCaseSource(nameof(Names))]
    public void The_scores_are_those_of_the_formula(string name)
    {
        var row = Rows[name];
        using var folder = new HandMade(row);
        var adapter = folder.Load();
        using var frozen = new FrozenEncoder(folder.Backbone, new ExecutionOptions { Threads = 1 });
        using var scores = new AdapterScores(adapter, folder.Backbone);
        foreach (var text in folder.Texts)
        {
            var pooled = new double[Width];
            frozen.Run([text], (hidden, length) =>
            {
                for (var token = 0; token < (row.IsMean ? length : 1); token++)
                {
                    for (var i = 0; i < Width; i++)
                        pooled[i] += hidden[token * Width + i] / (row.IsMean ? (double)length : 1);
                }
            });
            var expected = Linear(row.Output, Labels, row.Head(Linear(row.Dense, Width, pooled, hasBias: row.Norm is null)));
            Assert.That(scores.Of([text])[0].Select(s => (double)s), Is.EqualTo(expected).Within(2e-5));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Exported_again_the_keys_are_the_same(string name)
    {
        var row = Rows[name];
        using var folder = new HandMade(row);
        folder.Load().Save(folder["adapter"]);
        var result = AdapterExport.Open(folder["adapter"], folder.Backbone.Path).ToPeft(folder["again"]);
        Assert.That(result.MaxAbsError, Is.Zero);
        var (before, after) = (PeftFolder.Read(Path.Combine(folder["peft"], PeftFile.Name)), PeftFolder.Read(Path.Combine(folder["again"], PeftFile.Name)));
        Assert.That(after.Keys, Is.EquivalentTo(before.Keys));
        foreach (var (key, (shape, values)) in before)
            Assert.That((after[key].Shape, after[key].Values), Is.EqualTo((shape, values)), key);
        var saved = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["again"], PeftConfig.File)))!["modules_to_save"]!.AsArray().Select(m => (string)m!);
        Assert.That(saved, Is.EqualTo(new[] { "classifier", "score", row.Dense.Split('.')[0] }.Distinct()));
    }

    /// <summary>peft saves `classifier` of its own accord, `pre_classifier` only when told to: then the layer is the model's own.</summary>
    [Test]
    public void A_layer_that_the_adapter_lacks_is_taken_from_the_model_beside()
    {
        using var folder = new HandMade(Rows["distilbert"], key => !key.StartsWith("pre_classifier", StringComparison.Ordinal));
        Assert.That(() => folder.Load(), Throws.TypeOf<OrtPeftException>().With.Message.Contains("it lacks the head's tensor 'pre_classifier.weight', which peft saves only where modules_to_save names it"));
        new SafetensorsWriter().Add("pre_classifier.weight", Values("pre_classifier.weight", Width * Width), Width, Width).Add("pre_classifier.bias", Values("pre_classifier.bias", Width), Width)
            .Write(Path.Combine(folder.Backbone.Path, "model.safetensors"));
        Assert.That(folder.Load().Tensors.First(t => t.Name == Pooler.Weight).Values, Is.EqualTo(Values("pre_classifier.weight", Width * Width)));
    }

    [TestCase("deberta-v2", "pooler_hidden_act", "mish")]
    [TestCase("modernbert", "classifier_activation", "relu")]
    public void Other_activations_are_refused(string name, string field, string value)
    {
        using var folder = new HandMade(Rows[name] with { Setting = (field, value) });
        Assert.That(() => folder.Load(), Throws.TypeOf<OrtPeftException>().With.Message.Contains("an activation or a norm that no head here has. Import the encoder part alone (--no-head)"));
    }

    static double[] Linear(string module, int outputs, double[] x, bool hasBias = true)
    {
        var (weight, bias) = (Values($"{module}.weight", outputs * Width), Values($"{module}.bias", outputs));
        return [.. Enumerable.Range(0, outputs).Select(o => (hasBias ? bias[o] : 0) + Enumerable.Range(0, Width).Sum(i => weight[o * Width + i] * x[i]))];
    }

    static double[] Gelu(double[] x) => [.. x.Select(v => v * (1 + SpecialFunctions.Erf(v / Math.Sqrt(2))) / 2)];

    static double[] Relu(double[] x) => [.. x.Select(v => Math.Max(0, v))];

    static double[] Tanh(double[] x) => [.. x.Select(Math.Tanh)];

    static double[] GeluAndNorm(double[] x)
    {
        var (gelu, scale) = (Gelu(x), Values("head.norm.weight", Width));
        var mean = gelu.Average();
        var deviation = Math.Sqrt(gelu.Average(v => (v - mean) * (v - mean)) + 1e-5);
        return [.. gelu.Select((v, i) => (v - mean) / deviation * scale[i])];
    }

    static float[] Values(string key, int count)
    {
        var random = new CounterRandom(5, key);
        return [.. Enumerable.Range(0, count).Select(_ => 0.3f * (float)random.NextNormal())];
    }

    /// <summary>An adapter of peft's without any of its programs: LoRA that changes nothing, and a head.</summary>
    sealed class HandMade : IDisposable
    {
        readonly TemporaryFolder _folder = new();
        readonly TinyEncoder _encoder;

        internal HandMade(Row row, Func<string, bool>? isSaved = null)
        {
            _encoder = new TinyEncoder(row.Graph, "legacy-opset14.onnx");
            var path = Path.Combine(_encoder.Backbone.Path, "config.json");
            var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            config["model_type"] = row.ModelType;
            if (row.Setting is var (key, value))
                config[key] = value;
            File.WriteAllText(path, config.ToJsonString());
            Backbone = Backbone.Load(_encoder.Backbone.Path);

            Directory.CreateDirectory(_folder["peft"]);
            File.WriteAllText(_folder["peft/adapter_config.json"], JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["peft_type"] = "LORA",
                ["task_type"] = "SEQ_CLS",
                ["r"] = 2,
                ["lora_alpha"] = 4,
                ["bias"] = "none",
                ["target_modules"] = new[] { row.Module.Split('.')[^1] },
            }));
            var tensors = new List<(string Key, long[] Shape)> { ($"{row.Dense}.weight", [Width, Width]), ($"{row.Output}.weight", [Labels, Width]), ($"{row.Output}.bias", [Labels]) };
            tensors.Add(row.Norm is { } norm ? ($"{norm}.weight", [Width]) : ($"{row.Dense}.bias", [Width]));
            var writer = new SafetensorsWriter();
            foreach (var (name, shape) in tensors.Where(t => isSaved?.Invoke(t.Key) != false))
                writer.Add($"base_model.model.{name}", Values(name, (int)shape.Aggregate(1L, (a, b) => a * b)), shape);
            foreach (var layer in Enumerable.Range(0, EncoderAnatomy.Of(Backbone).Layers.Count))
            {
                var module = row.Module.Replace(".0.", $".{layer}.", StringComparison.Ordinal);
                writer.Add($"base_model.model.{module}.lora_A.weight", Values(module, 2 * Width), 2, Width).Add($"base_model.model.{module}.lora_B.weight", new float[Width * 2], Width, 2);
            }
            writer.Write(_folder["peft/adapter_model.safetensors"]);
        }

        internal Backbone Backbone { get; }

        internal EncodedExample[] Texts => _encoder.Tokens;

        internal string this[string name] => _folder[name];

        internal Adapter Load() => PeftAdapter.Load(_folder["peft"], Backbone);

        public void Dispose()
        {
            _encoder.Dispose();
            _folder.Dispose();
        }
    }
}
