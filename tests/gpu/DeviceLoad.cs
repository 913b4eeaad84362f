using System.Diagnostics;
using System.Globalization;

namespace OrtPeft.Gpu;

/// <summary>How busy an NVIDIA GPU is while something is measured, by its own tool; nothing where that is not there.</summary>
sealed class DeviceLoad : IDisposable
{
    readonly Process? _tool;
    readonly List<double> _percents = [];

    internal DeviceLoad(ExecutionOptions execution)
    {
        if (execution.EffectiveProvider != "cuda")
            return;
        try
        {
            _tool = Process.Start(new ProcessStartInfo("nvidia-smi", ["-i", execution.Devices[0].ToString(CultureInfo.InvariantCulture), "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"])
            {
                RedirectStandardOutput = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return; // no such tool: utilisation is left out of the report
        }
        _tool!.OutputDataReceived += (_, line) =>
        {
            if (double.TryParse(line.Data, CultureInfo.InvariantCulture, out var percent))
            {
                lock (_percents)
                    _percents.Add(percent);
            }
        };
        _tool.BeginOutputReadLine();
    }

    internal double? Median()
    {
        lock (_percents)
            return _percents.Count == 0 ? null : Benchmarks.Median(_percents);
    }

    public void Dispose()
    {
        _tool?.Kill();
        _tool?.Dispose();
    }
}
