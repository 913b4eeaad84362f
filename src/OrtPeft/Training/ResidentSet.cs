using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>A set whose features lie on the device: a batch is the numbers of its rows there, and a mask.</summary>
sealed class ResidentSet(FeatureSet set, ExecutionOptions execution, string memory) : TrainingSet(set.Targets), IDisposable
{
    readonly FeatureTable _table = new(set, execution, memory);

    /// <summary>The same examples in the processor's memory.</summary>
    FeatureSet Host => set;

    /// <inheritdoc/>
    internal override IReadOnlyList<int> Lengths => set.Lengths;

    /// <inheritdoc/>
    internal override int Width => set.Width;

    /// <inheritdoc/>
    internal override TrainingBatch Batch(int[] examples)
    {
        var length = examples.Max(e => Lengths[e]);
        return new ResidentBatch(this, examples, length) { Targets = Targets.Batch(examples, length) };
    }

    public void Dispose() => _table.Dispose();

    sealed class ResidentBatch(ResidentSet owner, int[] examples, int length) : TrainingBatch(examples, length)
    {
        /// <inheritdoc/>
        internal override IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count)
        {
            var table = owner._table;
            var part = Examples.Skip(start).Take(count).ToArray();
            if (owner.Host.View != FeatureView.Tokens)
            {
                yield return (HeadGraph.FeaturesInput, table.Take(Array.ConvertAll(part, table.First), [count]));
                yield break;
            }
            var rows = new long[count * Length];
            var mask = new float[count * Length];
            Array.Fill(rows, table.Padding);
            for (var i = 0; i < count; i++)
            {
                var tokens = owner.Lengths[part[i]];
                for (var token = 0; token < tokens; token++)
                    rows[i * Length + token] = table.First(part[i]) + token;
                mask.AsSpan(i * Length, tokens).Fill(1);
            }
            yield return (HeadGraph.FeaturesInput, table.Take(rows, [count, Length]));
            yield return (HeadGraph.MaskInput, OrtValue.CreateTensorValueFromMemory(mask, [count, Length]));
        }

        /// <inheritdoc/>
        internal override string? FirstNonFinite()
        {
            using var batch = owner.Host.Batch([.. Examples]);
            return batch.FirstNonFinite();
        }

        public override void Dispose()
        {
        }
    }
}
