namespace OrtPeft.Tests;

/// <summary>A reference run of a method inside a backbone: how its tensors are called here and there.</summary>
/// <param name="Folder">The run.</param>
/// <param name="Options">The method as it was set.</param>
/// <param name="Locate">For a trained tensor, where its values lie in the reference's tensors, which are read by name.</param>
sealed record EncoderFixture(string Folder, EncoderMethodOptions Options, Func<string, Func<string, float[]>, float[]> Locate)
{
    internal MethodFixture Reference { get; } = new(Folder);

    /// <summary>Whether the head is Hugging Face's: a frozen pooler before the classifier.</summary>
    internal bool HasPooler { get; init; }

    internal string Model { get; init; } = "tiny-bert";

    /// <summary>The run whose batches it was trained on.</summary>
    internal string Batches { get; init; } = Folder;

    /// <summary>The encoder with the reference's constants in it, where those are drawn and not told by the options.</summary>
    internal Func<Backbone, TunedEncoder>? Encoder { get; init; }

    /// <param name="exporter">Empty for PyTorch's older exporter, "-dynamo" for the newer.</param>
    internal Backbone Backbone(string exporter) => OrtPeft.Backbone.Load(Place(Model + exporter));

    /// <summary>The method on a backbone, with the reference's values at the start.</summary>
    internal TunableGraph Apply(Backbone backbone)
    {
        var tunable = (Options with { Pooling = PoolingKind.Cls, HeadRate = 1 }).Apply(backbone, Reference.Task(), seed: 0);
        if (Encoder?.Invoke(backbone) is { } encoder)
            tunable = tunable with { Encoder = encoder, Tensors = [.. encoder.Tensors, .. tunable.HeadTensors] };
        tunable = tunable with { Encoder = tunable.Encoder!.FromTokens() };
        if (HasPooler)
            tunable = tunable with { Forward = Pooled };
        return tunable with { Tensors = [.. tunable.Tensors.Select(t => t with { Values = Values("initial", "", t.Name) })] };
    }

    /// <summary>What the reference has for one of our tensors.</summary>
    internal float[] Values(string file, string prefix, string tensor) => Locate(tensor, name => Reference.Read(file, prefix + name));

    /// <summary>Whether the exact gradient of a tensor is 0, so that float32 moves it by chance.</summary>
    internal bool IsZero(string tensor)
    {
        var read = new List<string>();
        Locate(tensor, name =>
        {
            read.Add(name);
            return Reference.Read("initial", name);
        });
        return read.TrueForAll(Reference.ZeroGradientTensors.Contains);
    }

    /// <summary>Difference after five steps that float32 explains: Adam divides by the size of a gradient, and PyTorch's own float32 run is off by this.</summary>
    internal double FloatError => Reference.Setup["checks"]!["float32_run_against_float64"]!["after5_tensors_without_zero_gradient_ones"]!.GetValue<double>();

    internal EncodedBatch Batch(int number, Backbone backbone, TunableGraph tunable)
    {
        using var batches = SafetensorsFile.Open(Place("methods", Batches, "batches.safetensors"));
        if (batches.Tensors.ContainsKey($"{number}.pixel_values"))
            return Images(batches, number, backbone, tunable);
        var (ids, mask) = (batches.ReadInt64s($"{number}.input_ids"), batches.ReadInt64s($"{number}.attention_mask"));
        var types = batches.Tensors.ContainsKey($"{number}.token_type_ids") ? batches.ReadInt64s($"{number}.token_type_ids") : new long[ids.Length];
        var rows = (int)batches[$"{number}.input_ids"].Shape[0];
        var length = ids.Length / rows;
        var tokens = Enumerable.Range(0, rows).Select(row =>
        {
            var places = Enumerable.Range(row * length, length).Where(i => mask[i] == 1).ToArray();
            return new EncodedExample([.. places.Select(i => (int)ids[i])], [.. places.Select(i => (byte)types[i])]);
        }).ToArray();
        var targets = new TargetBatch(tunable.Target, rows, 1, tunable.Weighted);
        batches.ReadInt64s($"{number}.labels").CopyTo(targets.Classes);
        return new EncodedBatch(backbone, tunable.Encoder!, [.. Enumerable.Range(0, rows)], tokens) { Targets = targets };
    }

    /// <summary>Pixels as the model reads them.</summary>
    static EncodedBatch Images(SafetensorsFile batches, int number, Backbone backbone, TunableGraph tunable)
    {
        var pixels = batches.ReadSingles($"{number}.pixel_values");
        var labels = batches.ReadInt64s($"{number}.labels");
        var black = new EncodedExample([]) { Image = ImageSource.FromPixels(new float[4], 2, 2), ImageTokens = backbone.Images!.Tokens };
        var targets = new TargetBatch(tunable.Target, labels.Length, 1, tunable.Weighted);
        labels.CopyTo(targets.Classes);
        var batch = new EncodedBatch(backbone, tunable.Encoder!, [.. Enumerable.Range(0, labels.Length)], [.. labels.Select(_ => black)]) { Targets = targets };
        foreach (var (row, image) in pixels.Chunk(pixels.Length / labels.Length).Index())
        {
            batch.Set("pixel_values", row, target =>
            {
                image.CopyTo(target);
                return image.Length;
            });
        }
        return batch;
    }

    /// <summary>tanh(x W^T + b) of the reference's pooler in front of the classifier.</summary>
    static string Pooled(HeadGraph head)
    {
        var g = head.Builder;
        using var weights = SafetensorsFile.Open(Place("methods", "pooler.safetensors"));
        var dense = g.Gemm(head.Features, g.Constant(weights.ReadSingles("pooler.dense.weight"), 32, 32), g.Constant(weights.ReadSingles("pooler.dense.bias"), 32), transB: true);
        return g.Gemm(g.Tanh(dense), OutputLayer.Weight, OutputLayer.Bias, transB: true);
    }

    static string Place(params string[] parts) => Path.Combine([TestContext.CurrentContext.TestDirectory, "Fixtures", .. parts]);
}
