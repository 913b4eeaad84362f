namespace OrtPeft.Tests;

sealed class FeatureLockTests
{
    [Test]
    public void One_has_it_and_is_named()
    {
        using var folder = new TemporaryFolder();
        using (var taken = FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out _))
        {
            Assert.That(taken, Is.Not.Null);
            Assert.That(FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out var error), Is.Null);
            Assert.That(error!.Message, Does.Contain($"process {Environment.ProcessId} on {Environment.MachineName}, since "));
        }
        using var again = FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out _);
        Assert.That(again, Is.Not.Null);
    }

    [Test]
    public void What_a_dead_process_left_is_taken_over()
    {
        using var folder = new TemporaryFolder();
        var notices = new List<string>();
        Leave(folder, new LockOwner(Environment.MachineName, 12345, DateTime.UtcNow), DateTime.UtcNow);
        using var taken = FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, notices, out _);
        Assert.That(taken, Is.Not.Null);
        Assert.That(notices.Single(), Does.StartWith("Taking over the lock of process 12345 on "));
    }

    [TestCase(5, false)]
    [TestCase(15, true)]
    public void Another_machine_s_counts_as_long_as_it_is_touched(int minutesAgo, bool isTaken)
    {
        using var folder = new TemporaryFolder();
        Leave(folder, new LockOwner("another-machine", 1, DateTime.UtcNow.AddHours(-2)), DateTime.UtcNow.AddMinutes(-minutesAgo));
        using var taken = FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out var error);
        Assert.That(taken != null, Is.EqualTo(isTaken));
        if (!isTaken)
            Assert.That(error!.Message, Does.Contain("(process 1 on another-machine, since "));
    }

    [Test]
    public void An_owner_whose_file_was_deleted_names_itself_again()
    {
        using var folder = new TemporaryFolder();
        using var taken = FeatureLock.TryTake(folder["cache"], FeatureLock.FileName, [], out _)!;
        var owner = folder["cache/cache.lock.owner"];
        var before = File.ReadAllText(owner);
        File.Delete(owner);
        taken.Touch();
        Assert.That(File.ReadAllText(owner), Is.EqualTo(before));
    }

    static void Leave(TemporaryFolder folder, LockOwner owner, DateTime touched)
    {
        var path = Path.Combine(folder["cache"], FeatureLock.FileName + ".owner");
        Json.Write(path, owner);
        File.SetLastWriteTimeUtc(path, touched);
    }
}
