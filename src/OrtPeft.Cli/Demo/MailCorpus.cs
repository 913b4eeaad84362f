using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrtPeft;

/// <summary>
/// The SpamAssassin public mail corpus as a data set: 6,046 mails with the labels ham and spam, duplicate texts dropped, in three parts that
/// are chosen by a hash of the id and so never change.
/// </summary>
sealed record MailCorpus(TextData Train, TextData Dev, TextData Test)
{
    /// <summary>Number of mails before duplicate texts were dropped.</summary>
    internal required int Mails { get; init; }

    /// <summary>Where the mails lie: beside the program.</summary>
    internal static string DefaultPath { get; } = Path.Combine(AppContext.BaseDirectory, "mails.jsonl.gz");

    /// <summary>Reads the raw mails and prepares them, on all cores.</summary>
    internal static MailCorpus Load(string path, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path))
            throw new OrtPeftException(
                $"The demo's mails are not at {path}. They are put there when OrtPeft.Cli is built with Node.js and without -p:DemoMails=false.");
        var mails = TextData.Read(path)
            .AsParallel().WithCancellation(cancellationToken)
            .Select(mail => new Example { Id = mail.Id, Text = MailText.From(mail.Text), Label = LabelOf(mail.Id) })
            .ToList();
        mails.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        var parts = mails.DistinctBy(mail => mail.Text).ToLookup(mail => PartOf(mail.Id));
        TextData Part(string name) => TextData.FromExamples(parts[name], $"mail corpus ({name})");
        return new(Part("train"), Part("dev"), Part("test")) { Mails = mails.Count };
    }

    /// <summary>Writes train.jsonl, dev.jsonl and test.jsonl, so that every other verb can be tried on the same mails.</summary>
    internal void Save(string folder)
    {
        foreach (var (name, part) in new[] { ("train", Train), ("dev", Dev), ("test", Test) })
        {
            AtomicFile.Write(Path.Combine(folder, name + ".jsonl"), stream =>
            {
                foreach (var mail in part)
                {
                    JsonSerializer.Serialize(stream, new { mail.Id, mail.Label, mail.Text }, Json.Compact);
                    stream.WriteByte((byte)'\n');
                }
            });
        }
    }

    /// <summary>A smaller part: the first examples in the order of their ids' hashes, so that a larger one contains every smaller one.</summary>
    internal static TextData Subset(TextData part, int count) =>
        TextData.FromExamples(part.OrderBy(mail => Convert.ToHexStringLower(Hash(mail.Id)), StringComparer.Ordinal).Take(count), part.Source);

    static string LabelOf(string id) => id.StartsWith("spam", StringComparison.Ordinal) ? "spam" : "ham";

    static string PartOf(string id) => Hash(id)[0] switch
    {
        < 26 => "test",
        < 52 => "dev",
        _ => "train",
    };

    static byte[] Hash(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));
}
