namespace OrtPeft;

/// <summary>The training part as it will be, with zeros where cached features will be: for measuring a step before there is a cache.</summary>
sealed class UncachedSet : TrainingSet
{
    readonly TuningRun _run;
    readonly Tuner _tuner;

    internal UncachedSet(TuningRun run, Tuner tuner)
        : base(run.TrainTargets)
    {
        (_run, _tuner) = (run, tuner);
        Tokens = [.. run.Train.Take(run.Training.BatchSize!.Value).Select(example => run.Task.Texts(example).Select(text => tuner.Backbone.Read(text, tuner.Features.MaxLength)).ToArray())];
        Lengths = [.. Tokens.Select(t => run.Tunable.Encoder is null && run.Tunable.View != FeatureView.Tokens ? 1 : t.Max(text => text.Length))];
    }

    EncodedExample[][] Tokens { get; }

    internal override IReadOnlyList<int> Lengths { get; }

    internal override int Width => _run.Tunable.Width(_tuner.Backbone.Hidden);

    internal override TrainingBatch Batch(int[] examples)
    {
        var targets = Targets.Batch(examples, examples.Max(e => Lengths[e]));
        if (_run.Tunable.Encoder is { } encoder)
        {
            var texts = examples.SelectMany(e => Tokens[e]).ToArray();
            var encoded = new EncodedBatch(_tuner.Backbone, encoder, examples, texts) { Targets = targets };
            foreach (var tensor in encoder.Frontier?.Tensors ?? [])
            {
                for (var row = 0; row < texts.Length; row++)
                    encoded.Set(tensor.Name, row, _ => 0);
            }
            return encoded;
        }
        var batch = new FeatureBatch(examples, examples.Max(e => Lengths[e]), Width, _run.Tunable.View) { Targets = targets };
        batch.Features.Clear();
        if (batch.View == FeatureView.Tokens)
            batch.Mask.Fill(1);
        return batch;
    }
}
