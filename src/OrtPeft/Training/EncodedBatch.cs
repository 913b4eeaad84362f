using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>
/// Texts or images of one batch as a tuned encoder reads them: token ids, mask and segments, or pixels; and where a part of the backbone is frozen the cached tensors of
/// its frontier. The rows of one example, two for a pair of texts that are read one by one, lie side by side. Owns pooled memory.
/// </summary>
sealed class EncodedBatch : TrainingBatch
{
    readonly List<Column<long>> _ids = [];
    readonly List<Column<float>> _features = [];
    readonly int _texts;

    /// <param name="backbone">The backbone.</param>
    /// <param name="encoder">What is trained of it.</param>
    /// <param name="examples">The examples' places in their set.</param>
    /// <param name="tokens">The texts of the examples.</param>
    internal EncodedBatch(Backbone backbone, TunedEncoder encoder, IReadOnlyList<int> examples, EncodedExample[] tokens)
        : base(examples, tokens.Max(t => t.Length))
    {
        _texts = tokens.Length / examples.Count;
        foreach (var input in encoder.Inputs)
        {
            if (backbone.Images?.RequirePreparation() is { } preparation && backbone.InputNames.Contains(input.Name))
            {
                _features.Add(new Column<float>(input.Name, [tokens.Length, preparation.Channels, preparation.Result.Height, preparation.Result.Width]));
                for (var row = 0; row < tokens.Length; row++)
                    preparation.Prepare(tokens[row].Image!, _features[^1].Row(row));
                continue;
            }
            long[] shape = [tokens.Length, .. input.Shape!.Skip(1).Select(d => d.IsKnown ? d.Value : Length)];
            if (!backbone.InputNames.Contains(input.Name))
            {
                _features.Add(new Column<float>(input.Name, shape));
                continue;
            }
            _ids.Add(new Column<long>(input.Name, shape));
            EncodedExample.Fill(backbone, input.Name, tokens, Length, _ids[^1].Values);
        }
    }

    /// <summary>Puts the cached rows of a text into the frontier's tensor of that name; what is behind them is zero.</summary>
    internal void Set(string tensor, int row, Func<Span<float>, int> read)
    {
        var target = _features.Find(f => f.Name == tensor)!.Row(row);
        target[read(target)..].Clear();
    }

    /// <summary>Lets <paramref name="change"/> change an image in place; it is given the image [channels, height, width], height and width.</summary>
    internal void ChangeImage(int row, Action<Span<float>, int, int> change)
    {
        foreach (var images in _features.Where(f => f.Shape.Length == 4))
            change(images.Row(row), (int)images.Shape[2], (int)images.Shape[3]);
    }

    /// <inheritdoc/>
    internal override int TokensPerRun => MicroBatches.LeastTokens;

    /// <inheritdoc/>
    internal override IEnumerable<(string Name, OrtValue Value)> Inputs(int start, int count) =>
        _ids.Select(c => (c.Name, c.Slice(start * _texts, count * _texts))).Concat(_features.Select(c => (c.Name, c.Slice(start * _texts, count * _texts))));

    /// <inheritdoc/>
    internal override string? FirstNonFinite() => NonFinite.First(_features.Select(f => new TrainedTensor(f.Name, f.Shape, f.Values.ToArray())));

    public override void Dispose()
    {
        _ids.ForEach(c => c.Dispose());
        _features.ForEach(c => c.Dispose());
    }

    /// <summary>One input of the graph in rented memory.</summary>
    sealed class Column<T>(string name, long[] shape) : IDisposable
        where T : unmanaged
    {
        readonly int _row = (int)shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        readonly T[] _values = ArrayPool<T>.Shared.Rent(checked((int)shape.Aggregate(1L, (a, b) => a * b)));

        internal string Name => name;

        internal long[] Shape => shape;

        internal Span<T> Values => _values.AsSpan(0, _row * (int)shape[0]);

        internal Span<T> Row(int row) => _values.AsSpan(row * _row, _row);

        internal OrtValue Slice(int start, int count) =>
            OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _values.AsMemory(start * _row, count * _row), [count, .. shape[1..]]);

        public void Dispose() => ArrayPool<T>.Shared.Return(_values);
    }
}
