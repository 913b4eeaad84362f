using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OrtPeft;

/// <summary>A device of a provider.</summary>
/// <param name="Number">What --device calls it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Memory">Its memory in bytes; 0 where that is not known.</param>
sealed record ProviderDevice(int Number, string Name, long Memory)
{
    /// <summary>The devices of <paramref name="provider"/> that can be counted.</summary>
    internal static IReadOnlyList<ProviderDevice> All(ExecutionProvider provider) => provider.Name switch
    {
        ExecutionProvider.Cpu => [new ProviderDevice(0, Processor, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)],
        "cuda" => CudaDriver.Devices(),
        _ => [],
    };

    /// <summary>What a graph compiled for it is bound to.</summary>
    internal static string NameOf(ExecutionProvider provider, int number) =>
        All(provider).FirstOrDefault(d => d.Number == number)?.Name ?? $"device {number} of {RuntimeInformation.RuntimeIdentifier}";

    /// <summary>Architecture and the instruction sets that kernels are chosen by.</summary>
    internal static string Processor => $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}: {string.Join(", ", InstructionSets)}";

    internal static IEnumerable<string> InstructionSets => new (string Name, bool IsThere)[]
    {
        ("sse4.2", Sse42.IsSupported), ("avx", Avx.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avx-vnni", AvxVnni.IsSupported),
        ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported), ("avx512-vnni", Has(Leaf7(0).Ecx, 11)), ("avx512-bf16", Has(Leaf7(1).Eax, 5)),
        ("avx512-fp16", Has(Leaf7(0).Edx, 23)), ("amx-bf16", Has(Leaf7(0).Edx, 22)), ("amx-int8", Has(Leaf7(0).Edx, 25)),
        ("neon", AdvSimd.IsSupported), ("dot", Dp.IsSupported), ("rdm", Rdm.IsSupported),
    }.Where(s => s.IsThere).Select(s => s.Name);

    /// <summary>What .NET has no class for: leaf 7 of CPUID, Intel's and AMD's manuals.</summary>
    static (int Eax, int Ebx, int Ecx, int Edx) Leaf7(int part) => X86Base.IsSupported ? X86Base.CpuId(7, part) : default;

    static bool Has(int register, int bit) => (register >> bit & 1) == 1;
}
