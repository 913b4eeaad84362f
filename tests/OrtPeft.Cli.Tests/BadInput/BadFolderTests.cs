using System.Runtime.Versioning;

namespace OrtPeft.Tests;

/// <summary>Folders that cannot be written to, and disks that are full.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
sealed class BadFolderTests : IDisposable
{
    readonly Workplace _place = Workplace.Trained();

    [Test]
    public void A_file_in_place_of_the_folder()
    {
        File.WriteAllText(_place["file"], "mine");
        _place.Run([.. Workplace.Cache, "--out", "file"]).Refused("/file' is a file; expected a folder or nothing there");
        _place.Run([.. Workplace.Cache, "--out", "file/features"]).Refused("/file/features' cannot be made");
        _place.Run(Workplace.TrainWith("--out", "file")).Refused("'file' is a file; expected a folder or nothing there");
        _place.Run(Workplace.TrainWith("--out", "file/adapter")).Refused("file/adapter' cannot be made");
        _place.Run("predict", "adapter", "--text", "free", "--out", "file/answers.jsonl").Refused("/file' is a file; choose another folder");
        Assert.That(File.ReadAllText(_place["file"]), Is.EqualTo("mine"));
    }

    [Test]
    public void A_read_only_folder()
    {
        Directory.CreateDirectory(_place["locked"]);
        _place.CopyFrom(_place, "adapter", "locked/adapter");
        var before = _place.Hashes("locked");
        Lock("locked/adapter");
        Lock("locked");
        try
        {
            Humbly([.. Workplace.Cache, "--out", "locked"]).Refused("no permission to write to", "Choose a folder you may write to");
            Humbly([.. Workplace.Cache, "--out", "locked/features"]).Refused("no permission to write to", "Choose a folder you may write to");
            Humbly(Workplace.TrainWith("--out", "locked/new")).Refused("locked/new", "no permission; choose a folder you may write to");
            Humbly([.. Workplace.TrainWith("--out", "locked/adapter", "--epochs", "2"), "--overwrite"]).Refused("locked/adapter", "no permission");
            Humbly(["predict", "adapter", "--text", "free", "--out", "locked/answers.jsonl"]).Refused("no permission; choose a folder you may write to");
        }
        finally
        {
            Unlock("locked");
            Unlock("locked/adapter");
        }
        Assert.That(_place.Hashes("locked"), Is.EqualTo(before), "what was there is as it was");
    }

    [Test]
    public void A_complete_cache_in_a_read_only_folder_is_still_read()
    {
        Lock("features");
        try
        {
            Assert.That((int?)Humbly([.. Workplace.Cache, "--json"]).Done().Json["reused"], Is.EqualTo(Workplace.TrainMails));
        }
        finally
        {
            Unlock("features");
        }
    }

    [TestCase("fresh", "shard-00000.safetensors")]
    [TestCase("fresh", "cache.json")]
    public void A_disk_that_is_full_while_caching(string folder, string file)
    {
        OnAFullDisk(folder, file, [.. Workplace.Cache, "--out", folder]).Refused($"{folder}/{file}': the disk is full; make room and run the same command again.");
        Assert.That(Directory.EnumerateFiles(_place[folder]).Select(Path.GetFileName), Is.SubsetOf(new[] { "cache.json", "cache.lock" }), "no half a file");
        Assert.That((int?)_place.Run([.. Workplace.Cache, "--out", folder, "--json"]).Done().Json["computed"], Is.EqualTo(Workplace.TrainMails));
        Assert.That(_place.Hashes(folder, "shard*").Values, Has.Count.EqualTo(1));
    }

    [TestCase("again/checkpoint", "last.safetensors")]
    [TestCase("again", "adapter.safetensors")]
    [TestCase("again", "adapter.json")]
    [TestCase("again", "report.html")]
    public void A_disk_that_is_full_while_training(string folder, string file)
    {
        OnAFullDisk(folder, file, Workplace.TrainWith("--out", "again")).Refused($"{folder}/{file}': the disk is full; make room and run the same command again.");
        Assert.That(Directory.EnumerateFiles(_place["again"], ".*", SearchOption.AllDirectories), Is.Empty, "no half a file");
        _place.Run([.. Workplace.TrainWith("--out", "again"), "--resume"]).Done();
        Assert.That(_place.Sha256("again/adapter.safetensors"), Is.EqualTo(_place.Sha256("adapter/adapter.safetensors")));
    }

    [Test]
    public void A_disk_that_is_full_while_replacing_an_adapter_leaves_the_old_one()
    {
        var before = _place.Run("predict", "adapter", "--text", "free").Done().Output;
        OnAFullDisk("adapter", "adapter.safetensors", [.. Workplace.TrainWith("--epochs", "2"), "--overwrite"]).Refused("the disk is full");
        Assert.That(_place.Run("predict", "adapter", "--text", "free").Done().Output, Is.EqualTo(before));
    }

    [Test]
    public void A_disk_that_is_full_while_predicting()
    {
        OnAFullDisk(".", "answers.jsonl", ["predict", "adapter", "--data", "test.jsonl", "--out", "answers.jsonl"]).Refused("'answers.jsonl': the disk is full");
        Assert.That(File.Exists(_place["answers.jsonl"]), Is.False);
    }

    /// <summary>
    /// Runs with a full disk under one file. A file is written beside its place first; a link to /dev/full in that place gives ENOSPC to every
    /// write, for root and everyone else. The shell knows the process id in the name, because the program takes the shell's place.
    /// </summary>
    Answer OnAFullDisk(string folder, string file, string[] arguments)
    {
        Directory.CreateDirectory(_place[folder]);
        var script = $"ln -s /dev/full '{folder}/.{file}.{Environment.MachineName}.'$$.tmp && exec dotnet '{Ortpeft.Program}' \"$@\"";
        return Ortpeft.Run(Ortpeft.Command(_place.Folder, ["sh", "-c", script, "sh"], arguments));
    }

    /// <summary>Runs as one whom permissions bind: root without the capability to override them, everyone else as they are.</summary>
    Answer Humbly(string[] arguments)
    {
        string[] program = ["dotnet", Ortpeft.Program];
        if (Environment.IsPrivilegedProcess)
            program = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", .. program];
        return Ortpeft.Run(Ortpeft.Command(_place.Folder, program, arguments));
    }

    void Lock(string folder) => File.SetUnixFileMode(_place[folder], UnixFileMode.UserRead | UnixFileMode.UserExecute);

    void Unlock(string folder) => File.SetUnixFileMode(_place[folder], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public void Dispose() => _place.Dispose();
}
