using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrtPeft;

/// <summary>Writes files that are either wholly there or not there: temporary file beside the target, flush to disk, rename.</summary>
static class AtomicFile
{
    /// <summary>How long a temporary file of another machine, whose processes cannot be seen from here, is left alone.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any failure the old file, if any, stays as it was.</summary>
    internal static void Write(string path, Action<Stream> write)
    {
        using var file = new PendingFile(path);
        file.Write(write);
        file.Commit();
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    internal static void WriteText(string path, string text) => Write(path, s => s.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Makes renames in <paramref name="folder"/> durable. Where the platform cannot sync a folder this does nothing.</summary>
    internal static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = open(folder, 0);
        if (descriptor < 0)
            return;
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = fsync(handle);
    }

    /// <summary>Removes the temporary files that dead processes left in <paramref name="folder"/>. Those that a live one is writing stay.</summary>
    internal static void DeleteLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            if (Path.GetFileName(file).Split('.') is ["", _, .., var machine, var process, "tmp"] && int.TryParse(process, out var id)
                && (machine == Environment.MachineName ? !IsAlive(id) : DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Patience))
            {
                DeleteUnlessHeld(file);
            }
        }
    }

    static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Removes a file, unless a process has it open and locked.</summary>
    internal static void DeleteUnlessHeld(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in use, or gone, or not ours: a left-over file is harmless.
        }
    }

    internal static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a left-over temporary file is harmless.
        }
    }

#pragma warning disable SYSLIB1054, CA5392, CA2101, IDE1006 // two libc calls; source-generated marshalling would need unsafe code
    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    static extern int open(string path, int flags);

    [DllImport("libc")]
    static extern int fsync(SafeFileHandle descriptor);
#pragma warning restore SYSLIB1054, CA5392, CA2101, IDE1006
}
