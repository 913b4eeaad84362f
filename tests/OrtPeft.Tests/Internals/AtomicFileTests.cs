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
}
