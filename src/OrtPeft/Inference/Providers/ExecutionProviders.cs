namespace OrtPeft;

/// <summary>All execution providers by name, and which of them a run gets.</summary>
static class ExecutionProviders
{
    internal const string Auto = "auto";

    internal static readonly IReadOnlyDictionary<string, ExecutionProvider> Table = new ExecutionProvider[]
    {
        new("cuda", "CUDAExecutionProvider", "NVIDIA GPUs")
        {
            Install = "Build with -p:OrtFlavor=gpu.",
            Library = new("the CUDA provider", "libonnxruntime_providers_cuda.so", "onnxruntime_providers_cuda.dll"),
            Needs =
            [
                new("the NVIDIA driver", "libcuda.so.1", "nvcuda.dll"),
                new("CUDA 13", "libcudart.so.13", "cudart64_13.dll"),
                new("cuBLAS 13", "libcublasLt.so.13", "cublasLt64_13.dll"),
                new("cuBLAS 13", "libcublas.so.13", "cublas64_13.dll"),
                new("cuRAND 10", "libcurand.so.10", "curand64_10.dll"),
                new("cuDNN 9", "libcudnn.so.9", "cudnn64_9.dll"),
            ],
            InstallNeeds = "Install the driver, CUDA 13 and cuDNN 9, and put their folders on the library path (LD_LIBRARY_PATH, on Windows PATH).",
            Memory = "Cuda",
            HasBf16 = true,
            PinnedMemory = "CudaPinned",
            Defaults = () => new CudaOptions(),
            Append = CudaSession.Append,
        },
        new("directml", "DmlExecutionProvider", "GPUs through DirectX 12, on Windows")
        {
            Install = "Build on Windows with -p:OrtSource=nuget -p:OrtFlavor=directml.",
            Needs = [new("DirectML", "DirectML.dll", "DirectML.dll")],
            InstallNeeds = "DirectML.dll comes with the package Microsoft.AI.DirectML.",
            Memory = "DML",
            Defaults = () => new DirectMlOptions(),
            Append = r =>
            {
                // DirectML runs one node after the other and plans memory itself; ONNX Runtime refuses it otherwise.
                r.Session.EnableMemoryPattern = false;
                r.Session.AppendExecutionProvider_DML(r.Device);
            },
        },
        new("openvino", "OpenVINOExecutionProvider", "Intel processors, GPUs and NPUs")
        {
            Install = "Use Intel's package Intel.ML.OnnxRuntime.OpenVino in place of Microsoft.ML.OnnxRuntime.",
            Defaults = () => new OtherOptions(),
            WritesContext = true,
            Append = r => r.Session.AppendExecutionProvider("OpenVINO", r.Settings()),
        },
        new("qnn", "QNNExecutionProvider", "Qualcomm NPUs")
        {
            Install = "Use the package Microsoft.ML.OnnxRuntime.QNN in place of Microsoft.ML.OnnxRuntime.",
            Defaults = () => new OtherOptions(),
            WritesContext = true,
            Append = r => r.Session.AppendExecutionProvider("QNN", r.Settings()),
        },
        new("migraphx", "MIGraphXExecutionProvider", "AMD GPUs, on Linux")
        {
            Install = "Use an ONNX Runtime that AMD built with MIGraphX.",
            Append = r => r.Session.AppendExecutionProvider_MIGraphX(r.Device),
        },
        new("coreml", "CoreMLExecutionProvider", "Apple processors, GPUs and neural engines")
        {
            Install = "It is in the official packages for macOS (-p:OrtSource=nuget).",
            Defaults = () => new OtherOptions(),
            Append = r => r.Session.AppendExecutionProvider("CoreML", r.Settings()),
        },
        new("webgpu", "WebGpuExecutionProvider", "GPUs through WebGPU")
        {
            Install = "Use an ONNX Runtime that was built with WebGPU.",
            Defaults = () => new OtherOptions(),
            Append = r => r.Session.AppendExecutionProvider("WebGPU", r.Settings()),
        },
        new("xnnpack", "XnnpackExecutionProvider", "ARM and x86 processors through XNNPACK")
        {
            Install = "Use an ONNX Runtime that was built with XNNPACK.",
            Defaults = () => new OtherOptions(),
            Append = r => r.Session.AppendExecutionProvider("XNNPACK", r.Settings()),
        },
        new(ExecutionProvider.Cpu, "CPUExecutionProvider", "the processor")
        {
            Install = "It is in every ONNX Runtime.",
            Defaults = () => new CpuOptions(),
            Append = _ => { }, // every session has it
        },
    }.ToDictionary(p => p.Name);

    /// <summary>What auto may take, best first: those that run whole encoders with float32 as the processor does.</summary>
    static readonly string[] Preferred = ["cuda", "directml", ExecutionProvider.Cpu];

    /// <summary>The provider called <paramref name="name"/>, usable or not.</summary>
    /// <exception cref="OrtPeftException">There is none of that name.</exception>
    internal static ExecutionProvider Get(string name) => Table.TryGetValue(name, out var provider)
        ? provider
        : throw new OrtPeftException($"--provider is '{name}'; expected {Auto}, {string.Join(", ", Table.Keys)}.");

    /// <summary>Options of <paramref name="provider"/> with <paramref name="settings"/> ("option=value") over the defaults.</summary>
    /// <exception cref="OrtPeftException">Unknown option, or a value of the wrong type.</exception>
    internal static ProviderOptions ParseOptions(ExecutionProvider provider, string flag, IReadOnlyList<string> settings)
    {
        if (provider.Defaults() is not OtherOptions)
            return (ProviderOptions)new OptionRecord($"provider '{provider.Name}'", provider.Defaults().GetType()).Parse(flag, settings);
        if (settings.FirstOrDefault(s => !s.Contains('=', StringComparison.Ordinal)) is { } wrong)
            throw new OrtPeftException($"{flag} '{wrong}' is not option=value, such as ONNX Runtime's documentation of {provider.RuntimeName} lists them.");
        return new OtherOptions { Values = settings.Select(s => s.Split('=', 2)).ToDictionary(s => s[0].Trim(), s => s[1].Trim()) };
    }

    /// <summary>The provider that <paramref name="wanted"/> stands for on <paramref name="host"/>, usable or not.</summary>
    internal static ProviderChoice Choose(string wanted, ProviderHost host)
    {
        if (wanted != Auto)
            return new ProviderChoice(Get(wanted), "");
        var taken = Preferred.Select(Get).First(provider => host.Problem(provider) is null);
        var better = Preferred.TakeWhile(name => name != taken.Name).Select(Get).ToArray();
        string[] reasons =
        [
            .. better.Any(p => !host.Has(p)) ? [$"no {string.Join(" and no ", better.Where(p => !host.Has(p)).Select(p => p.Name))} in this ONNX Runtime."] : Array.Empty<string>(),
            .. better.Where(host.Has).Select(p => host.Problem(p)!),
        ];
        return new ProviderChoice(taken, $"{Auto} takes {taken.Name}{(reasons.Length > 0 ? ": " + string.Join(" ", reasons) : $", the first of {string.Join(", ", Preferred)} that is here.")}");
    }
}

/// <summary>The provider of a run.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Why">Why auto took it, sentences; empty where it was named.</param>
sealed record ProviderChoice(ExecutionProvider Provider, string Why);
