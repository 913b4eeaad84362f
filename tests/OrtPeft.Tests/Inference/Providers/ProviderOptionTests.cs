using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>Options of providers: how they are typed, what ONNX Runtime is told, and what of them enters a fingerprint.</summary>
sealed class ProviderOptionTests
{
    static ProviderOptions Parse(string provider, params string[] settings) => ExecutionProviders.ParseOptions(ExecutionProviders.Get(provider), "--provider-option", settings);

    [Test]
    public void Cuda_is_told_by_its_own_names()
    {
        Assert.That(new CudaOptions().Settings, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["arena_extend_strategy"] = "kNextPowerOfTwo",
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["use_tf32"] = "0",
            ["prefer_nhwc"] = "0",
        }));
        var options = Parse("cuda", "memoryLimit=2048", "arena=same-as-requested", "cudnnSearch=exhaustive", "tf32=true", "preferNhwc=true");
        Assert.That(options.Settings, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["arena_extend_strategy"] = "kSameAsRequested",
            ["cudnn_conv_algo_search"] = "EXHAUSTIVE",
            ["use_tf32"] = "1",
            ["prefer_nhwc"] = "1",
            ["gpu_mem_limit"] = "2147483648",
        }));
    }

    [Test]
    public void The_device_is_one_of_them()
    {
        using var session = new SessionOptions();
        Assert.That(new ProviderRequest(session, new CudaOptions(), 3).Settings("device_id")["device_id"], Is.EqualTo("3"));
    }

    [Test]
    public void Others_are_handed_on() => Assert.That(Parse("openvino", "device_type=GPU", "precision=FP32").Settings,
        Is.EquivalentTo(new Dictionary<string, string> { ["device_type"] = "GPU", ["precision"] = "FP32" }));

    [TestCase("cuda", "tf23=true", "Provider 'cuda' has no option 'tf23'; its options are memoryLimit, arena, cudnnSearch, tf32, preferNhwc, featureMemory, frozen.")]
    [TestCase("cuda", "tf32=perhaps", "Option tf32 of provider 'cuda' is \"perhaps\"; expected true or false.")]
    [TestCase("cuda", "arena", "--provider-option 'arena' is not option=value; its options are")]
    [TestCase("cpu", "tf32=true", "Provider 'cpu' has no option 'tf32'; its options are spinning, arena, frozen.")]
    [TestCase("directml", "x=1", "Provider 'directml' has no option 'x'; its options are featureMemory, frozen.")]
    [TestCase("openvino", "GPU", "--provider-option 'GPU' is not option=value")]
    public void What_is_no_option_is_refused(string provider, string setting, string answer) =>
        Assert.That(() => Parse(provider, setting), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith(answer));

    [Test]
    public void A_negative_limit_is_refused() => Assert.That(() => new CudaOptions { MemoryLimit = -1 }.Validate(),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("Option memoryLimit of provider 'cuda' is -1; expected MiB, or 0 for all."));

    [TestCase(-1)]
    [TestCase(2001)]
    public void More_features_than_can_be_kept_are_refused(int megabytes) => Assert.That(() => new DirectMlOptions { FeatureMemory = megabytes }.Validate(),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo($"Option featureMemory is {megabytes}; expected 0 to 2000 MB."));

    [Test]
    public void Only_what_changes_a_value_is_precision()
    {
        Assert.That(new CudaOptions { MemoryLimit = 5, Arena = ArenaGrowth.SameAsRequested }.Precision, Is.Empty);
        Assert.That(new CudaOptions { Tf32 = true, PreferNhwc = true, CudnnSearch = CudnnSearch.Exhaustive }.Precision, Is.EqualTo("TF32, NHWC, cuDNN search Exhaustive"));
        Assert.That(Parse("openvino", "precision=FP16", "device_type=NPU").Precision, Is.EqualTo("device_type=NPU, precision=FP16"));
        Assert.That(new ExecutionOptions { Provider = "cuda", Options = new CudaOptions { Tf32 = true } }.Precision, Is.EqualTo(OrtSession.Precision + ", TF32"));
        Assert.That(new ExecutionOptions { Provider = "cpu", Options = new CpuOptions { Spinning = true, Arena = false } }.Precision, Is.EqualTo(OrtSession.Precision));
        Assert.That(Parse("cuda", "frozen=bf16", "tf32=true").Precision, Is.EqualTo("frozen part in bf16, TF32"));
    }

    [Test]
    public void A_fingerprint_holds_provider_and_precision()
    {
        var backbone = Tiny.Backbone();
        string Hash(ExecutionOptions execution) => FeatureFingerprint.Of(backbone, CachePlace.Small, execution).Hash;
        var onProcessor = Hash(new ExecutionOptions { Provider = "cpu" });
        var onCuda = Hash(new ExecutionOptions { Provider = "cuda" });
        Assert.That(Hash(new ExecutionOptions { Provider = "cpu", Options = new CpuOptions { Spinning = true } }), Is.EqualTo(onProcessor));
        Assert.That(Hash(new ExecutionOptions { Provider = "cpu", Options = new CpuOptions { Frozen = FrozenPrecision.Fp16 } }), Is.Not.EqualTo(onProcessor));
        Assert.That(onCuda, Is.Not.EqualTo(onProcessor));
        Assert.That(Hash(new ExecutionOptions { Provider = "cuda", Devices = [1] }), Is.EqualTo(onCuda), "which of several does not change a value");
        Assert.That(Hash(new ExecutionOptions { Provider = "cuda", Options = new CudaOptions { Tf32 = true } }), Is.Not.EqualTo(onCuda));
    }

    static float[] Run(CpuOptions options, string at = FeatureSite.LastHiddenState)
    {
        var backbone = Tiny.Backbone();
        using var encoder = new FrozenEncoder(backbone, new ExecutionOptions { Provider = "cpu", Threads = 1, Options = options }, BackboneSites.Resolve(backbone, at), intraOpThreads: 1);
        float[] values = [];
        encoder.Run([backbone.Read(Tiny.Mails(1)[0], 16)], (hidden, _) => values = hidden.ToArray());
        return values;
    }

    [Test]
    public void Spinning_and_arena_change_no_bit() => Assert.That(Run(new CpuOptions { Spinning = true, Arena = false }), Is.EqualTo(Run(new CpuOptions())));

    [TestCase(FeatureSite.LastHiddenState)]
    [TestCase("layer.1")]
    public void A_frozen_part_in_fp16_gives_nearly_the_same(string at)
    {
        var (half, whole) = (Run(new CpuOptions { Frozen = FrozenPrecision.Fp16 }, at), Run(new CpuOptions(), at));
        Assert.That(half.Zip(whole, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(2e-2).And.GreaterThan(0));
    }

    [Test]
    public void Bf16_is_refused_where_no_kernel_has_it() => Assert.That(() => new ExecutionOptions { Provider = "cpu", Options = new CpuOptions { Frozen = FrozenPrecision.Bf16 } }.Validate(),
        Throws.TypeOf<OrtPeftException>().With.Message.EqualTo("Provider cpu has no kernels for bf16; use frozen=fp16, or --provider cuda."));

    [Test]
    public void Runs_are_larger_on_a_device_unless_said()
    {
        Assert.That(new FeatureOptions().On(new ExecutionOptions { Provider = "cuda" }).TokensPerRun, Is.EqualTo(16_384));
        Assert.That(new FeatureOptions { TokensPerRun = 100 }.On(new ExecutionOptions { Provider = "cuda" }).TokensPerRun, Is.EqualTo(100));
        Assert.That(new FeatureOptions().On(new ExecutionOptions { Provider = "cpu" }).TokensPerRun, Is.EqualTo(256));
    }
}
