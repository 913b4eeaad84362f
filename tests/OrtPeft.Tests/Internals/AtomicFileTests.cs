namespace OrtPeft.Tests;

sealed class AtomicFileTests
{
    [Test]
    public void A_failing_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["a.txt"], "old");
        Assert.That(() => AtomicFile.Write(folder["a.txt"], stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException("no more");
        }), Throws.InvalidOperationException);
        Assert.That(File.ReadAllText(folder["a.txt"]), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(folder[""]), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_missing_folder_is_made()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder["new/deep/a.txt"], "x");
        Assert.That(File.ReadAllText(folder["new/deep/a.txt"]), Is.EqualTo("x"));
    }

    [Test]
    public void A_folder_that_is_a_file_is_named_in_the_message()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        Assert.That(() => AtomicFile.WriteText(folder["file/a.txt"], "x"), Throws.TypeOf<OrtPeftException>().With.Message.Contains("file/a.txt"));
    }

    /// <summary>Whoever cleans up must not take what somebody is writing: another part, or a reader who writes an index without the lock.</summary>
    [Test]
    public void Leftovers_are_what_dead_processes_left()
    {
        using var folder = new TemporaryFolder();
        using var writing = new PendingFile(folder["shard"]);
        var (me, old) = (Environment.MachineName, DateTime.UtcNow.AddHours(-2));
        var names = new Dictionary<string, bool>
        {
            [$".cache.json.{me}.999999.tmp"] = false,
            [$".cache.json.{me}.{Environment.ProcessId}.tmp"] = true,
            [".cache.json.another-machine.999999.tmp"] = true,
            [".index.another-machine.999999.tmp"] = false,
            [".notes.of.somebody.tmp"] = true,
        };
        foreach (var name in names.Keys)
            File.WriteAllText(folder[name], "x");
        File.SetLastWriteTimeUtc(folder[".index.another-machine.999999.tmp"], old);
        AtomicFile.DeleteLeftovers(folder[""]);
        Assert.That(names.Keys.Where(n => File.Exists(folder[n])), Is.EqualTo(names.Keys.Where(n => names[n])));
        writing.Write(stream => stream.Write("whole"u8));
        writing.Commit();
        Assert.That(File.ReadAllText(folder["shard"]), Is.EqualTo("whole"));
    }
}
