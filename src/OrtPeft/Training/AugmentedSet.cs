namespace OrtPeft;

/// <summary>Images as one epoch sees them, changed at random.</summary>
/// <param name="set">The images as they are.</param>
/// <param name="augmentation">What may be changed.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="epoch">The epoch.</param>
sealed class AugmentedSet(EncodedSet set, ImageAugmentation augmentation, long seed, int epoch) : TrainingSet(set.Targets)
{
    internal override IReadOnlyList<int> Lengths => set.Lengths;

    internal override int Width => set.Width;

    internal override TrainingBatch Batch(int[] examples)
    {
        var batch = set.Batch(examples);
        Parallel.For(0, examples.Length, row => batch.ChangeImage(row, (image, height, width) =>
            augmentation.Apply(image, height, width, new CounterRandom(seed, $"augment/{examples[row]}", epoch))));
        return batch;
    }
}
