using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>A reference run of a method by PyTorch: start, first step, and the values after five AdamW steps.</summary>
sealed class MethodFixture
{
    readonly string _folder;

    internal MethodFixture(string name)
    {
        _folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "methods", name);
        Setup = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "setup.json")))!.AsObject();
        var zero = Setup["zero_gradient_tensors"]?.AsArray().Select(t => t!.GetValue<string>()) ?? [];
        ZeroGradientTensors = [.. zero];
        Names = [.. Setup["trainable"]!.AsObject().Select(t => t.Key)];
    }

    internal JsonObject Setup { get; }

    internal IReadOnlyList<string> Names { get; }

    /// <summary>Tensors whose exact gradient is 0; a float32 optimizer moves them by chance.</summary>
    internal HashSet<string> ZeroGradientTensors { get; }

    internal int Labels => Setup["classes"]!.GetValue<int>();

    internal float[] Read(string file, string tensor)
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(_folder, file + ".safetensors"));
        return tensors.ReadSingles(tensor);
    }

    internal IReadOnlyList<TrainedTensor> Start()
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(_folder, "initial.safetensors"));
        return [.. Names.Select(name => new TrainedTensor(name, tensors[name].Shape, tensors.ReadSingles(name)))];
    }

    /// <summary>Batch 1 to 5 as the caching job would hand it over: padding dropped.</summary>
    internal FeatureBatch Batch(int number, FeatureView view)
    {
        using var batches = SafetensorsFile.Open(Path.Combine(_folder, "batches.safetensors"));
        var features = Read("features", $"{number}.last_hidden_state");
        var mask = batches.ReadInt64s($"{number}.attention_mask");
        var labels = batches.ReadInt64s($"{number}.labels");
        var length = mask.Length / labels.Length;
        var width = features.Length / mask.Length;
        var batch = new FeatureBatch([.. Enumerable.Range(0, labels.Length)], length, width, view);
        for (var row = 0; row < labels.Length; row++)
            batch.SetExample(row, features.AsSpan(row * length * width, (int)mask.Skip(row * length).Take(length).Sum() * width));
        labels.CopyTo(batch.Labels);
        return batch;
    }

    /// <summary>Largest difference, relative to the largest entry of <paramref name="expected"/>.</summary>
    internal static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length));
        double worst = 0, largest = 1e-12;
        for (var i = 0; i < actual.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs((double)actual[i] - expected[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }
        return worst / largest;
    }
}
