using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>
/// The features of a set as one table in a device's memory, and the graph that takes a batch out of it: the rows that are asked for, as float32. Rows lie as the
/// cache stores them (int8 with their scales; bf16, which not all devices have, as float32); the last one is zero, for padding. Pooled features are float32.
/// </summary>
sealed class FeatureTable : IDisposable
{
    const string TableInput = "table", ScalesInput = "scales", RowsInput = "rows";

    readonly InferenceSession _session;
    readonly OrtIoBinding _binding;
    readonly OrtMemoryInfo _memory;
    readonly RunOptions _runOptions = new();
    readonly Lock _gate = new();
    readonly long[] _first;

    /// <param name="set">The examples.</param>
    /// <param name="execution">Provider and device.</param>
    /// <param name="memory">ONNX Runtime's name of the device's memory.</param>
    internal FeatureTable(FeatureSet set, ExecutionOptions execution, string memory)
    {
        _first = FirstRows(set, out var rows);
        Padding = rows;
        _memory = new OrtMemoryInfo(memory, OrtAllocatorType.DeviceAllocator, execution.Devices[0], OrtMemType.Default);
        _session = OrtSession.FromBytes(Graph(TypeOf(set), set.Width, set.View == FeatureView.Tokens).ToBytes(), intraOpThreads: 1, execution);
        _binding = _session.CreateIoBinding();
        using var table = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)TypeOf(set), [rows + 1, set.Width]);
        using var scales = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [rows + 1]);
        Fill(set, table.GetTensorMutableRawData(), scales.GetTensorMutableDataAsSpan<float>());
        // Binding is the upload: the device's copy lives as long as the binding does.
        _binding.BindInput(TableInput, table);
        if (TypeOf(set) == OnnxType.Int8)
            _binding.BindInput(ScalesInput, scales);
        _binding.SynchronizeBoundInputs();
    }

    /// <summary>The row that is zero.</summary>
    internal long Padding { get; }

    /// <summary>The first row of an example.</summary>
    internal long First(int example) => _first[example];

    /// <summary>Bytes of the table that <paramref name="set"/> needs.</summary>
    internal static long BytesOf(FeatureSet set)
    {
        FirstRows(set, out var rows);
        return (rows + 1) * (set.Width * (TypeOf(set).Bits() / 8) + (TypeOf(set) == OnnxType.Int8 ? sizeof(float) : 0));
    }

    /// <summary>The features of <paramref name="rows"/>, which has the shape <paramref name="shape"/>, on the device; the caller disposes them before this. Safe for many threads.</summary>
    internal OrtValue Take(long[] rows, long[] shape)
    {
        using var places = OrtValue.CreateTensorValueFromMemory(rows, shape);
        lock (_gate)
        {
            _binding.BindInput(RowsInput, places);
            // Anew each time: it gets memory of its own, which the one before may still be read from.
            _binding.BindOutputToDevice(HeadGraph.FeaturesInput, _memory);
            _session.RunWithBinding(_runOptions, _binding);
            return _binding.GetOutputValues()[0];
        }
    }

    /// <summary>Where the rows of each example begin; a text that occurs twice lies there once.</summary>
    static long[] FirstRows(FeatureSet set, out long rows)
    {
        var first = new long[set.Count];
        rows = 0;
        var seen = new Dictionary<FeatureKey, long>();
        for (var example = 0; example < set.Count; example++)
        {
            if (set.View != FeatureView.Tokens)
            {
                first[example] = rows++;
                continue;
            }
            if (seen.TryAdd(set.Keys[example], rows))
                rows += set.Lengths[example];
            first[example] = seen[set.Keys[example]];
        }
        return first;
    }

    /// <summary>What the table holds.</summary>
    static OnnxType TypeOf(FeatureSet set) => set.View != FeatureView.Tokens ? OnnxType.Float : set.Cache.DType switch
    {
        FeatureDType.Fp16 => OnnxType.Float16,
        FeatureDType.Int8 => OnnxType.Int8,
        _ => OnnxType.Float,
    };

    void Fill(FeatureSet set, Span<byte> table, Span<float> scales)
    {
        var bytes = set.Width * (TypeOf(set).Bits() / 8);
        table[(int)(Padding * bytes)..].Clear();
        scales[(int)Padding] = 0;
        if (set.View != FeatureView.Tokens)
        {
            MemoryMarshal.AsBytes(set.Pooled.Span).CopyTo(table);
            return;
        }
        for (var example = 0; example < set.Count; example++)
        {
            var target = table.Slice((int)(First(example) * bytes), set.Lengths[example] * bytes);
            if (TypeOf(set) == OnnxType.Float)
            {
                set.Cache.Read(set.Keys[example], MemoryMarshal.Cast<byte, float>(target));
                continue;
            }
            set.Cache.Stored(set.Keys[example], out var own).CopyTo(target);
            own.CopyTo(scales[(int)First(example)..]);
        }
    }

    static OnnxModel Graph(OnnxType type, int width, bool tokens)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "batch");
        var rows = tokens ? g.Input(RowsInput, OnnxType.Int64, "batch", "sequence") : g.Input(RowsInput, OnnxType.Int64, "batch");
        var features = g.Cast(g.Gather(g.Input(TableInput, type, "rows", width), rows), OnnxType.Float);
        if (type == OnnxType.Int8)
            features = g.Mul(features, g.Unsqueeze(g.Gather(g.Input(ScalesInput, OnnxType.Float, "rows"), rows), [-1]));
        g.Output(features, HeadGraph.FeaturesInput);
        return g.Build();
    }

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        _memory.Dispose();
        _runOptions.Dispose();
    }
}
