using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrtPeft.Tests;

/// <summary>The program while it runs.</summary>
sealed class RunningOrtpeft : IDisposable
{
    const int Interrupt = 2;

    readonly Process _process;
    readonly string _typed;
    readonly TimeSpan _patience;
    readonly Task<string> _output;
    readonly Task<string> _errors;

    internal RunningOrtpeft(Process process, string typed, TimeSpan patience)
    {
        _process = process;
        _typed = typed;
        _patience = patience;
        _process.StandardInput.Close();
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    internal bool HasEnded => _process.HasExited;

    /// <summary>Waits until <paramref name="condition"/> holds or the program ends; whether it holds.</summary>
    internal bool Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited)
                return condition();
            Assert.That(watch.Elapsed, Is.LessThan(_patience), $"ortpeft {_typed} does not come to the point");
            Thread.Sleep(1); // files are watched by looking: no event tells that another process wrote one
        }
        return true;
    }

    /// <summary>Ctrl-C.</summary>
    internal void PressCtrlC() => Assert.That(kill(_process.Id, Interrupt) == 0 || _process.HasExited, "the signal cannot be sent");

    /// <summary>kill -9.</summary>
    internal void Kill() => _process.Kill();

    internal bool EndsWithin(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Waits for the end.</summary>
    internal Answer End()
    {
        Assert.That(_process.WaitForExit(_patience), Is.True, $"ortpeft {_typed} does not end");
        _process.WaitForExit();
        return new Answer(_typed, _process.ExitCode, _output.Result, _errors.Result);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // one libc call; source-generated marshalling would need unsafe code
    [DllImport("libc")]
    static extern int kill(int process, int signal);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
