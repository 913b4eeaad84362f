using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace OrtPeft;

/// <summary>The GPUs that NVIDIA's driver sees.</summary>
static unsafe class CudaDriver
{
    const int Major = 75, Minor = 76; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*

    /// <summary>All of them, in the order of their numbers; none where there is no driver.</summary>
    internal static IReadOnlyList<ProviderDevice> Devices()
    {
        var file = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(file, Assembly.GetExecutingAssembly(), null, out var driver))
            return [];
        // The driver stays loaded: unloading it while ONNX Runtime uses it is not for us to risk.
        int count = 0;
        if (((delegate* unmanaged<uint, int>)Function("cuInit"))(0) != 0 || ((delegate* unmanaged<int*, int>)Function("cuDeviceGetCount"))(&count) != 0)
            return [];
        return [.. Enumerable.Range(0, count).Select(Describe)];

        void* Function(string name) => (void*)NativeLibrary.GetExport(driver, name);

        ProviderDevice Describe(int number)
        {
            int device, major, minor;
            nuint bytes;
            var name = stackalloc byte[256];
            ((delegate* unmanaged<int*, int, int>)Function("cuDeviceGet"))(&device, number);
            ((delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName"))(name, 256, device);
            ((delegate* unmanaged<nuint*, int, int>)Function("cuDeviceTotalMem_v2"))(&bytes, device);
            ((delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute"))(&major, Major, device);
            ((delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute"))(&minor, Minor, device);
            return new ProviderDevice(number, $"{Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name))}, compute capability {major}.{minor}", (long)bytes);
        }
    }
}
