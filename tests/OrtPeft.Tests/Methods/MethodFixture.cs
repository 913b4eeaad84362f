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

    /// <summary>The task of the reference run.</summary>
    internal LearningTask Task() => Setup["task"]!.GetValue<string>() switch
    {
        "regression" => new RegressionTask(Mean: 0, Deviation: 1),
        "token" => new TaggingTask(new LabelSet(Enumerable.Range(0, Labels).Select(i => $"tag-{i}"))),
        _ => new ClassificationTask(Enumerable.Range(0, Labels).Select(i => $"label-{i}")),
    };

    /// <summary>Batch 1 to 5 as the caching job would hand it over: padding dropped.</summary>
    internal FeatureBatch Batch(int number, TunableGraph tunable)
    {
        using var batches = SafetensorsFile.Open(Path.Combine(_folder, "batches.safetensors"));
        var features = Read("features", $"{number}.last_hidden_state");
        var mask = batches.ReadInt64s($"{number}.attention_mask");
        var rows = (int)batches[$"{number}.attention_mask"].Shape[0];
        var length = mask.Length / rows;
        var width = features.Length / mask.Length;
        var targets = new TargetBatch(tunable.Target, rows, tunable.Target == TargetKind.TokenClass ? length : 1, tunable.Weighted);
        var batch = new FeatureBatch([.. Enumerable.Range(0, rows)], length, width, tunable.View) { Targets = targets };
        for (var row = 0; row < rows; row++)
            batch.SetExample(row, features.AsSpan(row * length * width, (int)mask.Skip(row * length).Take(length).Sum() * width));
        if (tunable.Target == TargetKind.Values)
            batches.ReadSingles($"{number}.labels").CopyTo(targets.Values);
        else
            batches.ReadInt64s($"{number}.labels").CopyTo(targets.Classes);
        for (var i = 0; i < targets.Weights.Length; i++)
            targets.Weights[i] = targets.Classes[i] == Targets.None ? 0 : 1;
        return batch;
    }

    /// <summary>Scores of the reference; at padding, whose features a cache does not keep, those of the biases alone.</summary>
    internal float[] Scores(string file, string tensor, FeatureBatch batch)
    {
        var scores = Read(file, tensor);
        if (batch.Targets.RowLength == 1)
            return scores;
        var bias = Read(file == "step1" ? "initial" : file, file == "step1" ? "classifier.bias" : "param.classifier.bias");
        for (var token = 0; token < batch.Mask.Length; token++)
        {
            if (batch.Mask[token] == 0)
                bias.CopyTo(scores, token * Labels);
        }
        return scores;
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
