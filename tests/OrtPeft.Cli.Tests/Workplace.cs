using System.Security.Cryptography;
using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>
/// A folder to work in, as a user has it: the model `tiny-bert` (3 layers, width 32, a tokenizer of 94 words), labelled mails in
/// `train.jsonl` (90), `dev.jsonl` (30) and `test.jsonl` (30). Goes away with the test.
/// </summary>
sealed class Workplace : IDisposable
{
    internal const int TrainMails = 90, DevMails = 30, TestMails = 30, Epochs = 80;

    readonly TemporaryFolder _folder = new();

    internal Workplace()
    {
        CopyModel("tiny-bert");
        Write("train.jsonl", Tiny.Mails(TrainMails));
        Write("dev.jsonl", Tiny.Mails(DevMails, seed: 1));
        Write("test.jsonl", Tiny.Mails(TestMails, seed: 2));
    }

    internal string Folder => this["."];

    internal string this[string name] => _folder[name];

    /// <summary>Caches the training mails; the result's folder is `features`.</summary>
    internal static string[] Cache => ["cache", "--model", "tiny-bert", "--data", "train.jsonl", "--max-length", "32"];

    /// <summary>Trains a linear probe that learns to sort the mails; the result's folder is `adapter`.</summary>
    internal static string[] Train => ["train", "--model", "tiny-bert", "--train", "train.jsonl", "--dev", "dev.jsonl", "--max-length", "32", "--out", "adapter",
        "--method", "linear-probe", "--epochs", $"{Epochs}", "--learning-rate", "0.2"];

    /// <summary>The same with options changed or added.</summary>
    internal static string[] TrainWith(params string[] options) =>
        [Train[0], .. Train[1..].Chunk(2).Where(pair => !options.Contains(pair[0])).SelectMany(pair => pair), .. options];

    internal Answer Run(params string[] arguments) => Ortpeft.Run(Folder, arguments);

    /// <summary>One more copy of the model, to be changed.</summary>
    internal void CopyModel(string name)
    {
        Directory.CreateDirectory(this[name]);
        foreach (var file in Directory.EnumerateFiles(Tiny.ModelFolder))
            File.Copy(file, Path.Combine(this[name], Path.GetFileName(file)));
    }

    internal void Write(string name, TextData mails) =>
        File.WriteAllLines(this[name], mails.Select(m => JsonSerializer.Serialize(new { id = m.Id, text = m.Text, label = m.Label })));

    /// <summary>Adds lines to the end of a file.</summary>
    internal void Append(string name, params string[] lines) => File.AppendAllLines(this[name], lines);

    /// <summary>A work place where the training has been done: `features`, `adapter`.</summary>
    internal static Workplace Trained()
    {
        var place = new Workplace();
        place.CopyFrom(FinishedTraining.Place, "features");
        place.CopyFrom(FinishedTraining.Place, "adapter");
        return place;
    }

    /// <summary>Copies a folder of another work place, or of this one under another name.</summary>
    internal void CopyFrom(Workplace other, string folder, string? name = null)
    {
        foreach (var file in Directory.EnumerateFiles(other[folder], "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(this[name ?? folder], Path.GetRelativePath(other[folder], file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    internal string Sha256(string name) => HashOf(this[name]);

    /// <summary>Hash of every file below a folder whose name matches, by name; the diary of a cache's uses, which knows the time, left out.</summary>
    internal SortedDictionary<string, string> Hashes(string folder, string pattern = "*") =>
        new(Directory.EnumerateFiles(this[folder], pattern, SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != FeatureUses.FileName).ToDictionary(f => Path.GetRelativePath(this[folder], f), HashOf), StringComparer.Ordinal);

    static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    public void Dispose() => _folder.Dispose();
}
