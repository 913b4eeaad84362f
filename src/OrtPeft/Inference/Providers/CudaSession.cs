using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>Adds CUDA to a session: from inside ONNX Runtime, or from its library beside an ONNX Runtime for processors.</summary>
static class CudaSession
{
    /// <summary>The library's devices. A library is registered once a process, and stays.</summary>
    static readonly Lazy<IReadOnlyList<OrtEpDevice>> Registered = new(() =>
    {
        var provider = ExecutionProviders.Get("cuda");
        var env = OrtEnv.Instance();
        env.RegisterExecutionProviderLibrary(provider.RuntimeName, ProviderHost.This.Beside(provider.Library!.File)!);
        return [.. env.GetEpDevices().Where(d => d.EpName == provider.RuntimeName)];
    });

    internal static void Append(ProviderRequest request)
    {
        if (ProviderHost.This.BuiltIn.Contains(ExecutionProviders.Get("cuda").RuntimeName))
        {
            using var options = new OrtCUDAProviderOptions();
            options.UpdateOptions(request.Settings("device_id"));
            request.Session.AppendExecutionProvider_CUDA(options);
            return;
        }
        if (request.Device >= Registered.Value.Count)
            throw new OrtPeftException($"--device is {request.Device}; the CUDA provider sees {Registered.Value.Count} devices, counted from 0.");
        request.Session.AppendExecutionProvider(OrtEnv.Instance(), [Registered.Value[request.Device]], request.Settings());
    }
}
