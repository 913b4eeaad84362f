using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;

namespace OrtPeft.Tests.Demo;

/// <summary>The corpus must be, to the byte, the one that the published baselines were measured on.</summary>
sealed class MailCorpusTests
{
    MailCorpus _corpus = null!;

    [OneTimeSetUp]
    public void Load() => _corpus = MailCorpus.Load(MailCorpus.DefaultPath);

    [Test]
    public void Mails_are_counted_before_and_after_duplicates()
    {
        Assert.That(_corpus.Mails, Is.EqualTo(6046));
        Assert.That(_corpus.Train.Count + _corpus.Dev.Count + _corpus.Test.Count, Is.EqualTo(5915));
    }

    [TestCase("train", 3314, 1446, "97c4ec9b4cbe0144cc8fb2cf9c9ca5bb46dbd198a47bffcd8f7ce7b4d686bd0a",
        "15efc9d1eefc6da9115bb6a0fbb1d20cc9c3aee59204843610fc4a611713fb7e")]
    [TestCase("dev", 392, 177, "b8224cddee49fa206986cb08bad1cfc3da47160052798577a8a11f4971ba4363",
        "14fd61d46e7f183949675a1ba7edfa360571844b75b2531ff72749d246f18ec9")]
    [TestCase("test", 403, 183, "34b51cc1aab88265d4bb972c6eaf5e282c7822a7b126f781d52c76e7b1dcce64",
        "8a38742bd2fc0d90fd9a7c620bd402fe53a6045ab58d783613156a1be8ca1176")]
    public void Each_part_has_its_size_ids_and_texts(string name, int ham, int spam, string idHash, string textHash)
    {
        var part = Part(name);

        Assert.That(part.Count(mail => mail.Label == "ham"), Is.EqualTo(ham));
        Assert.That(part.Count(mail => mail.Label == "spam"), Is.EqualTo(spam));
        Assert.That(Sha256(string.Concat(part.Select(mail => mail.Id + "\n"))), Is.EqualTo(idHash));
        Assert.That(Sha256(string.Concat(part.Select(mail => $"{mail.Id}\t{mail.Label}\t{Sha256(mail.Text)}\n"))), Is.EqualTo(textHash));
    }

    [TestCase("train", "easy-ham-1/00001.7c53336b37003a9286aba55d2945844c", "ham", 1492,
        "Re: New Sequences Window\nDate: Wed, 21 Aug 2002 10:54:46 -05", "8ce953351224389211ddd6b06e678ff1ba9e9a1d2e3640316ac87f0c043d0c2b")]
    [TestCase("train", "spam-2/00001.317e78fa8ee2f54cd4890fdc09ba8176", "spam", 2870,
        "STOP THE MLM INSANITY\nGreetings! You are receiving this lett", "451b36bf7f0f74a42a4724712a1f0d22d7f24f13ebbf86ffe8fc382d6bea5f4b")]
    [TestCase("dev", "easy-ham-1/00002.9c4069e25e1ef370c078db7ee85ff9ac", "ham", 727,
        "RE: Alexander\nMartin A posted: Tassos Papadopoulos, the Gree", "dfdb3e8ced0c31f4b3b3e1159acb14e8b8c1fff51b9bf423df50f8ae60288741")]
    [TestCase("dev", "hard-ham-1/00001.7c7d6921e671bbe18ebb5f893cd9bb35", "ham", 6230,
        "Personal Finance: Resolutions You Can Keep\n=================", "22242f606d40dbbf26c41b990babbae539ab57e95b244db576942ecd31c2e9d4")]
    [TestCase("test", "easy-ham-2/00002.5a587ae61666c5aa097c8e866aedcc59", "ham", 1208,
        "Re: New Sequences Window\n> From: Valdis.Kletnieks@vt.edu > D", "c7639c26274f1810e6beefd8633def3ba52757398bea89e7238b9a4a2ff041bd")]
    [TestCase("test", "spam-1/00001.7848dde101aa985090474a91ec93fcf0", "spam", 1005,
        "Life Insurance - Why Pay More?\nSave up to 70% on Life Insura", "14c6bd47e36b5d8165e2b006feffaa8974b6ebbd4230e2e4291129607d5f791e")]
    public void Known_mails_have_their_texts(string name, string id, string label, int length, string start, string hash)
    {
        var mail = Part(name).Single(mail => mail.Id == id);

        Assert.That(mail.Label, Is.EqualTo(label));
        Assert.That(mail.Text, Does.StartWith(start));
        Assert.That(mail.Text.EnumerateRunes().Count(), Is.EqualTo(length));
        Assert.That(Sha256(mail.Text), Is.EqualTo(hash));
    }

    [Test]
    public void The_subset_of_600_is_the_known_one()
    {
        var subset = MailCorpus.Subset(_corpus.Train, 600);

        Assert.That(subset.Count(mail => mail.Label == "spam"), Is.EqualTo(178));
        Assert.That(subset[0].Id, Is.EqualTo("easy-ham-1/00991.ec5d16cf8c633a2f15b8f98a39c58a60"));
        Assert.That(Sha256(string.Concat(subset.Select(mail => mail.Id + "\n"))),
            Is.EqualTo("25c6939c94937a76a5d46b1969734b1cccd6d51f6f2a904d2db4df1a3d7ee6a6"));
    }

    [Test]
    public void Missing_mails_say_how_to_get_them() =>
        Assert.That(() => MailCorpus.Load("nowhere.jsonl.gz"), Throws.TypeOf<OrtPeftException>().With.Message.StartsWith("The demo's mails are not at nowhere.jsonl.gz."));

    TextData Part(string name) => name switch
    {
        "train" => _corpus.Train,
        "dev" => _corpus.Dev,
        _ => _corpus.Test,
    };

    static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
