using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrtPeft;

/// <summary>Writes files that are either wholly there or not there: temporary file beside the target, flush to disk, rename.</summary>
static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any failure the old file, if any, stays as it was.</summary>
    internal static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            SyncFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
            throw new OrtPeftException($"Cannot write '{path}': {Reason(path, folder, e)} Nothing was changed there.", e);
        }
        catch
        {
            Delete(temporary);
            throw;
        }
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

    /// <summary>Removes the temporary files that other, killed processes left in <paramref name="folder"/>; nobody else may be writing there.</summary>
    internal static void DeleteLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            if (Path.GetFileName(file).Split('.') is ["", _, .., var process, "tmp"] && int.TryParse(process, out var id) && id != Environment.ProcessId)
                Delete(file);
        }
    }

    static string Reason(string path, string folder, Exception e) => e switch
    {
        _ when Directory.Exists(path) => "it is a folder; name a file.",
        _ when File.Exists(folder) => $"'{folder}' is a file; choose another folder.",
        UnauthorizedAccessException => "no permission; choose a folder you may write to.",
        IOException { HResult: 28 or 122 or unchecked((int)0x80070070) } => "the disk is full; make room and run the same command again.",
        IOException { HResult: 30 } => "the file system is read-only; choose another folder.",
        DirectoryNotFoundException or FileNotFoundException => $"folder '{folder}' cannot be made; choose another one.",
        _ => e.Message,
    };

    static void Delete(string path)
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
