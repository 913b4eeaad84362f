using System.Globalization;

namespace OrtPeft;

/// <summary>Who is adding to a cache.</summary>
sealed record LockOwner(string Host, int Process, DateTime Started)
{
    internal static LockOwner Me() => new(Environment.MachineName, Environment.ProcessId, DateTime.UtcNow);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Process} on {Host}, since {Started:yyyy-MM-dd HH:mm:ss} UTC");
}

/// <summary>
/// The right to add to a cache, or to one part of it. A lock of the operating system, which ends with the process however it dies; beside it
/// a file names the owner. Where storage is shared by machines whose locks do not see each other, that file is the lock: it counts as long as
/// its owner has touched it within <see cref="Patience"/>.
/// </summary>
sealed class FeatureLock : IDisposable
{
    internal const string FileName = "cache.lock";
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    readonly FileStream _file;
    readonly string _ownerPath;
    readonly LockOwner _owner = LockOwner.Me();

    FeatureLock(FileStream file, string ownerPath)
    {
        _file = file;
        _ownerPath = ownerPath;
        Json.Write(ownerPath, _owner);
    }

    /// <summary>Takes the lock; null, and the reason, when it cannot be had.</summary>
    internal static FeatureLock? TryTake(string folder, string name, List<string> notices, out OrtPeftException? error)
    {
        var path = Path.Combine(folder, name);
        var ownerPath = path + ".owner";
        FileStream? file = null;
        error = null;
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var earlier = OwnerOf(ownerPath);
            if (earlier != null && earlier.Host != Environment.MachineName && DateTime.UtcNow - File.GetLastWriteTimeUtc(ownerPath) < Patience)
            {
                error = Busy(folder, earlier, null);
                file.Dispose();
                return null;
            }
            if (earlier != null)
                notices.Add($"Taking over the lock of {earlier}, which ended without giving it back.");
            return new FeatureLock(file, ownerPath);
        }
        catch (UnauthorizedAccessException e)
        {
            error = new OrtPeftException($"Feature cache: no permission to write to '{folder}'. Choose a folder you may write to.", e);
        }
        catch (IOException e) when (file is null && File.Exists(path))
        {
            error = Busy(folder, OwnerOf(ownerPath), e);
        }
        catch (IOException e)
        {
            error = new OrtPeftException($"Feature cache: folder '{folder}' cannot be made. Choose a folder you may write to.", e);
        }
        catch (OrtPeftException e)
        {
            error = e;
        }
        file?.Dispose();
        return null;
    }

    /// <summary>Tells other machines that the owner is alive.</summary>
    internal void Touch()
    {
        if (File.Exists(_ownerPath))
            File.SetLastWriteTimeUtc(_ownerPath, DateTime.UtcNow);
        else
            Json.Write(_ownerPath, _owner);
    }

    static OrtPeftException Busy(string folder, LockOwner? owner, Exception? inner) =>
        new($"Feature cache: another process is adding to '{folder}'{(owner is null ? "" : $" ({owner})")}. Wait for it or choose another folder.", inner!);

    static LockOwner? OwnerOf(string path)
    {
        try
        {
            return File.Exists(path) ? Json.Read<LockOwner>(path, "Lock", "Delete it.") : null;
        }
        catch (OrtPeftException)
        {
            return null; // cut short by a crash: it names nobody
        }
    }

    public void Dispose()
    {
        File.Delete(_ownerPath);
        _file.Dispose();
    }
}
