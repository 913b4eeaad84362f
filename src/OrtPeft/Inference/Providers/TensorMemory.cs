using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>Where the tensors lie that training changes: in the processor's memory, or on the device that computes.</summary>
abstract class TensorMemory : IDisposable
{
    /// <summary>The memory that <paramref name="execution"/> computes in.</summary>
    internal static TensorMemory Of(ExecutionOptions execution) =>
        execution.Chosen.Memory is { } name ? new DeviceMemory(execution, name) : new HostMemory();

    /// <summary>Whether the processor reads and writes it.</summary>
    internal abstract bool IsHost { get; }

    /// <summary>A float32 tensor; the caller disposes it before this.</summary>
    internal abstract OrtValue Allocate(IReadOnlyList<long> shape);

    /// <summary>Copies <paramref name="values"/> into <paramref name="tensor"/>.</summary>
    internal abstract void Write(ReadOnlySpan<float> values, OrtValue tensor);

    /// <summary>A copy of <paramref name="tensor"/>.</summary>
    internal abstract float[] Read(OrtValue tensor);

    public abstract void Dispose();
}

/// <summary>The processor's memory.</summary>
sealed class HostMemory : TensorMemory
{
    internal override bool IsHost => true;

    internal override OrtValue Allocate(IReadOnlyList<long> shape) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [.. shape]);

    internal override void Write(ReadOnlySpan<float> values, OrtValue tensor) => values.CopyTo(tensor.GetTensorMutableDataAsSpan<float>());

    internal override float[] Read(OrtValue tensor) => tensor.GetTensorDataAsSpan<float>().ToArray();

    public override void Dispose()
    {
    }
}

/// <summary>A device's memory. Values pass through a graph of one Identity, whose bindings ONNX Runtime copies between memories with any provider.</summary>
sealed class DeviceMemory : TensorMemory
{
    const string Input = "x";
    const string Output = "y";

    readonly InferenceSession _session;
    readonly OrtMemoryInfo _info;
    readonly OrtAllocator _allocator;
    readonly OrtAllocator? _pinned;
    readonly RunOptions _runOptions = new();

    /// <param name="execution">Provider and device.</param>
    /// <param name="name">ONNX Runtime's name of the memory.</param>
    /// <param name="pinned">Its name for memory of the processor that the device reads itself; null where there is none.</param>
    internal DeviceMemory(ExecutionOptions execution, string name, string? pinned = null)
    {
        var g = new GraphBuilder(HeadGraph.Opset, "copy");
        g.Output(g.Input(Input, OnnxType.Float, "any"), Output);
        var model = g.Build();
        model.Graph.Inputs[0] = new OnnxValueInfo(Input, OnnxType.Float, null); // of any rank
        model.Graph.Outputs[0] = new OnnxValueInfo(Output, OnnxType.Float, null);
        _session = OrtSession.FromBytes(model.ToBytes(), intraOpThreads: 1, execution);
        _info = new OrtMemoryInfo(name, OrtAllocatorType.DeviceAllocator, execution.Devices[0], OrtMemType.Default);
        _allocator = new OrtAllocator(_session, _info);
        if (pinned is not null)
        {
            using var info = new OrtMemoryInfo(pinned, OrtAllocatorType.DeviceAllocator, execution.Devices[0], OrtMemType.CpuOutput);
            _pinned = new OrtAllocator(_session, info);
        }
    }

    internal override bool IsHost => false;

    internal override OrtValue Allocate(IReadOnlyList<long> shape) => OrtValue.CreateAllocatedTensorValue(_allocator, TensorElementType.Float, [.. shape]);

    internal override void Write(ReadOnlySpan<float> values, OrtValue tensor)
    {
        using var host = OrtValue.CreateTensorValueFromMemory(values.ToArray(), tensor.GetTensorTypeAndShape().Shape);
        Copy(host, tensor);
    }

    internal override float[] Read(OrtValue tensor)
    {
        var shape = tensor.GetTensorTypeAndShape();
        var values = new float[shape.ElementCount];
        using var host = OrtValue.CreateTensorValueFromMemory(values, shape.Shape);
        Copy(tensor, host);
        return values;
    }

    /// <summary>A copy of <paramref name="values"/> on the device, through memory that the device reads itself where there is such; the caller disposes it before this. Safe for many threads.</summary>
    internal OrtValue Upload(ReadOnlySpan<float> values, long[] shape)
    {
        using var host = OrtValue.CreateAllocatedTensorValue(_pinned ?? OrtAllocator.DefaultInstance, TensorElementType.Float, shape);
        values.CopyTo(host.GetTensorMutableDataAsSpan<float>());
        var tensor = Allocate(shape);
        Copy(host, tensor);
        return tensor;
    }

    void Copy(OrtValue from, OrtValue to)
    {
        using var binding = _session.CreateIoBinding();
        binding.BindInput(Input, from);
        binding.SynchronizeBoundInputs();
        binding.BindOutput(Output, to);
        _session.RunWithBinding(_runOptions, binding);
        binding.SynchronizeBoundOutputs();
    }

    public override void Dispose()
    {
        _runOptions.Dispose();
        _pinned?.Dispose();
        _allocator.Dispose();
        _info.Dispose();
        _session.Dispose();
    }
}
