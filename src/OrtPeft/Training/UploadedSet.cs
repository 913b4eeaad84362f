using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A set whose batches are uploaded when they are read, which is ahead of the step and on another thread (<see cref="TrainingSet.Batches"/>).</summary>
sealed class UploadedSet(FeatureSet set, DeviceMemory memory) : TrainingSet(set.Targets)
{
    /// <inheritdoc/>
    internal override IReadOnlyList<int> Lengths => set.Lengths;

    /// <inheritdoc/>
    internal override int Width => set.Width;

    /// <inheritdoc/>
    internal override TrainingBatch Batch(int[] examples)
    {
        var batch = set.Batch(examples);
        try
        {
            return new UploadedBatch(batch, memory.Upload(batch.Features, batch.Shape)) { Targets = batch.Targets };
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    sealed class UploadedBatch(FeatureBatch host, OrtValue features) : TrainingBatch(host.Examples, host.Length)
    {
        OrtValue? _features = features;

        /// <summary>The first run on the whole batch takes what was uploaded; any other gets its part from the processor's memory.</summary>
        internal override IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count)
        {
            var uploaded = count == Size ? Interlocked.Exchange(ref _features, null) : null;
            foreach (var (name, value) in host.Inputs(start, count))
            {
                if (uploaded is null || name != HeadGraph.FeaturesInput)
                {
                    yield return (name, value);
                    continue;
                }
                value.Dispose();
                yield return (name, uploaded);
            }
        }

        /// <inheritdoc/>
        internal override string? FirstNonFinite() => host.FirstNonFinite();

        public override void Dispose()
        {
            _features?.Dispose();
            host.Dispose();
        }
    }
}
