namespace OrtPeft.Tests;

/// <summary>Which provider a run gets, and what is said when it cannot have it: on this machine and on described ones.</summary>
sealed class ExecutionProviderTests
{
    const string Cpu = "CPUExecutionProvider", Cuda = "CUDAExecutionProvider", DirectMl = "DmlExecutionProvider";

    static readonly ExecutionProvider CudaRow = ExecutionProviders.Get("cuda");

    /// <summary>A machine with these providers in its runtime, all their own libraries beside it, and all of the system's but some.</summary>
    static ProviderHost Host(string[] providers, params string[] missing) => new(providers, file => file, file => !missing.Contains(file), _ => true);

    static ProviderHost WithoutLibraries(params string[] providers) => new(providers, _ => null, _ => true, _ => true);

    static string[] Files(params string[] linux) => [.. CudaRow.Needs.Where(l => linux.Contains(l.Linux)).Select(l => l.File)];

    [TestCase("auto", new[] { Cpu }, "cpu")]
    [TestCase("auto", new[] { Cuda, Cpu }, "cuda")]
    [TestCase("auto", new[] { DirectMl, Cpu }, "directml")]
    [TestCase("auto", new[] { Cuda, DirectMl, Cpu }, "cuda")]
    [TestCase("auto", new[] { "CoreMLExecutionProvider", Cpu }, "cpu")]
    [TestCase("cpu", new[] { Cuda, Cpu }, "cpu")]
    [TestCase("cuda", new[] { Cpu }, "cuda")]
    [TestCase("openvino", new[] { Cpu }, "openvino")]
    public void What_is_wanted_stands_for_one(string wanted, string[] inRuntime, string chosen)
    {
        var host = inRuntime is [Cpu] ? WithoutLibraries(Cpu) : new ProviderHost(inRuntime, file => inRuntime.Contains(Cuda) ? file : null, _ => true, _ => true);
        Assert.That(ExecutionProviders.Choose(wanted, host).Provider.Name, Is.EqualTo(chosen));
    }

    [Test]
    public void Auto_says_what_it_took_and_why()
    {
        Assert.That(ExecutionProviders.Choose("auto", Host([Cuda, Cpu])).Why, Is.EqualTo("auto takes cuda, the first of cuda, directml, cpu that is here."));
        Assert.That(ExecutionProviders.Choose("auto", WithoutLibraries(Cpu)).Why, Is.EqualTo("auto takes cpu: no cuda and no directml in this ONNX Runtime."));
        Assert.That(ExecutionProviders.Choose("auto", Host([Cuda, Cpu], Files("libcudnn.so.9"))).Why,
            Does.StartWith($"auto takes cpu: no directml in this ONNX Runtime. The cuda provider needs cuDNN 9: {Files("libcudnn.so.9")[0]} not found on the library path."));
        Assert.That(ExecutionProviders.Choose("cpu", Host([Cuda, Cpu])).Why, Is.Empty, "what was named needs no reason");
    }

    [Test]
    public void A_missing_library_is_named()
    {
        var file = Files("libcudnn.so.9")[0];
        Assert.That(Host([Cuda, Cpu], file).Problem(CudaRow), Is.EqualTo($"The cuda provider needs cuDNN 9: {file} not found on the library path. " +
            "Install the driver, CUDA 13 and cuDNN 9, and put their folders on the library path (LD_LIBRARY_PATH, on Windows PATH)."));
        var two = Files("libcuda.so.1", "libcublas.so.13");
        Assert.That(Host([Cuda, Cpu], two).Problem(CudaRow), Does.Contain($"needs the NVIDIA driver ({two[0]}), cuBLAS 13 ({two[1]}): none of them is on the library path."));
        Assert.That(WithoutLibraries(Cuda, Cpu).Problem(CudaRow), Does.Contain($"the CUDA provider: {CudaRow.Library!.File} not found"), "the provider's own library is missing");
        Assert.That(Host([Cuda, Cpu]).Problem(CudaRow), Is.Null);
    }

    [Test]
    public void A_driver_without_device_is_not_enough()
    {
        var host = Host([Cuda, Cpu]) with { HasDevice = provider => provider.IsCpu };
        Assert.That(host.Problem(CudaRow), Is.EqualTo("The cuda provider has all its libraries, and its driver sees no device."));
        Assert.That(ExecutionProviders.Choose("auto", host).Provider.Name, Is.EqualTo("cpu"));
    }

    [Test]
    public void A_library_beside_a_runtime_for_processors_counts_as_there() => Assert.That(Host([Cpu]).Problem(CudaRow), Is.Null);

    [TestCase("cuda", "Build with -p:OrtFlavor=gpu.")]
    [TestCase("directml", "Build on Windows with -p:OrtSource=nuget -p:OrtFlavor=directml.")]
    [TestCase("openvino", "Use Intel's package Intel.ML.OnnxRuntime.OpenVino in place of Microsoft.ML.OnnxRuntime.")]
    public void What_is_not_in_the_runtime_is_refused_and_how_to_get_it_is_said(string name, string install) => Assert.That(
        () => new ExecutionOptions { Provider = name }.Validate(WithoutLibraries(Cpu)),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo($"Execution provider '{name}' is not in this ONNX Runtime {OrtSession.Version}, which has cpu. {install}"));

    [Test]
    public void An_unknown_name_is_refused() => Assert.That(() => new ExecutionOptions { Provider = "cudda" }.Validate(),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("--provider is 'cudda'; expected auto, cuda, directml, openvino, qnn, migraphx, coreml, webgpu, xnnpack, cpu."));

    [TestCase(new[] { -1 }, "expected different numbers from 0")]
    [TestCase(new[] { 0, 0 }, "expected different numbers from 0")]
    [TestCase(new int[0], "expected different numbers from 0")]
    [TestCase(new[] { 1 }, "provider cpu has 1 here, counted from 0.")]
    public void Devices_that_are_not_there_are_refused(int[] devices, string answer) => Assert.That(
        () => new ExecutionOptions { Provider = "cpu", Devices = devices }.Validate(), Throws.TypeOf<OrtPeftException>().With.Message.Contains(answer));

    [Test]
    public void Options_of_another_provider_are_refused() => Assert.That(() => new ExecutionOptions { Provider = "cpu", Options = new CudaOptions() }.Validate(),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("CudaOptions are not options of provider cpu; expected CpuOptions."));

    [Test]
    public void A_provider_that_is_not_there_opens_no_session()
    {
        // No runtime has them all: DirectML is Windows', CoreML is Apple's.
        var missing = ExecutionProviders.Table.Values.First(p => !ProviderHost.This.Has(p));
        Assert.That(() => OrtSession.FromFile(Tiny.Backbone().ModelPath, 1, new ExecutionOptions { Provider = missing.Name }), Throws.TypeOf<OrtPeftException>().With.Message.Contains(missing.Name));
    }

    [TestCase("[ONNXRuntimeError] : 1 : FAIL : Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
        "The cuda provider needs cuBLAS 13: libcublasLt.so.13 not found on the library path. Install the driver,")]
    [TestCase("Error loading \"C:\\app\\onnxruntime_providers_cuda.dll\" which depends on \"cudnn64_9.dll\" which is missing. (Error 126)", "The cuda provider needs cuDNN 9: cudnn64_9.dll not found")]
    [TestCase("libcufft.so.12: cannot open shared object file", "The cuda provider needs a library: libcufft.so.12 not found")]
    [TestCase("This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.", "The cuda provider cannot run the whole model")]
    [TestCase("Failed to load library /app/libonnxruntime_providers_cuda.so with error: undefined symbol: cudaMallocHost", "The cuda provider cannot start: undefined symbol: cudaMallocHost")]
    [TestCase("CUDA failure 35: CUDA driver version is insufficient\nat line 12", "The cuda provider cannot start: CUDA failure 35: CUDA driver version is insufficient")]
    public void What_the_runtime_says_becomes_a_sentence(string said, string message) => Assert.That(ProviderFailure.Describe(CudaRow, said), Does.StartWith(message));

    [Test]
    public void Every_row_is_complete()
    {
        foreach (var provider in ExecutionProviders.Table.Values)
        {
            Assert.That(provider.Install, Does.EndWith("."), provider.Name);
            Assert.That(provider.RuntimeName, Does.EndWith("ExecutionProvider"), provider.Name);
            Assert.That(provider.Needs.Count == 0 || provider.InstallNeeds.EndsWith('.'), provider.Name);
        }
        Assert.That(ProviderHost.This.Problem(ExecutionProviders.Get("cpu")), Is.Null);
    }
}
