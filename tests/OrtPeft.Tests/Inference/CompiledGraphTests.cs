using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>Graphs compiled ahead: the same bits, and refused wherever they do not fit.</summary>
sealed class CompiledGraphTests
{
    readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    /// <summary>The features of a mail, and what the user was told.</summary>
    (float[] Values, string[] Notices) Run(string compiled, string at = "last-hidden-state", ExecutionOptions? execution = null)
    {
        var backbone = Tiny.Backbone();
        var notices = new Notices();
        execution = (execution ?? new ExecutionOptions { Provider = "cpu", Threads = 1 }) with { Compiled = _folder[compiled], Notices = notices };
        using var encoder = new FrozenEncoder(backbone, execution, BackboneSites.Resolve(backbone, at), intraOpThreads: 1);
        float[] values = [];
        encoder.Run([backbone.Read(Tiny.Mails(1)[0], 16)], (hidden, _) => values = hidden.ToArray());
        return (values, [.. notices.Said]);
    }

    string Compile(string folder, string at = "last-hidden-state")
    {
        var result = GraphCompiler.Compile(Tiny.Backbone(), _folder[folder], at, new ExecutionOptions { Provider = "cpu" });
        Assert.That(result.MaxAbsError, Is.Zero);
        Assert.That(result.Files.Select(f => Path.Combine(_folder[folder], f)), Is.All.Exist);
        return result.Files[^1];
    }

    float[] Uncompiled(string at = "last-hidden-state")
    {
        Directory.CreateDirectory(_folder["empty"]);
        return Run("empty", at).Values;
    }

    [Test]
    public void A_graph_in_half_precision_is_for_runs_in_half_precision()
    {
        var half = new ExecutionOptions { Provider = "cpu", Threads = 1, Options = new CpuOptions { Frozen = FrozenPrecision.Fp16 } };
        Assert.That(GraphCompiler.Compile(Tiny.Backbone(), _folder["half"], execution: half).MaxAbsError, Is.Zero);
        Directory.CreateDirectory(_folder["empty"]);
        var (values, notices) = Run("half", execution: half);
        Assert.That(values, Is.EqualTo(Run("empty", execution: half).Values));
        Assert.That(notices, Is.Empty);
        Assert.That(Run("half").Notices, Is.EqualTo(new[] { $"No precompiled graph of '{_folder["half"]}' is used: it was made for precision {half.Precision}, this is {OrtSession.Precision}. `ortpeft compile` makes one that fits." }));
    }

    [TestCase("last-hidden-state")]
    [TestCase("layer.1")]
    [TestCase("last-2-layers")]
    public void It_computes_the_same_bits(string at)
    {
        Compile("same", at);
        var (values, notices) = Run("same", at);
        Assert.That(notices, Is.Empty);
        Assert.That(values, Is.EqualTo(Uncompiled(at)));
    }

    [Test]
    public void It_is_the_file_that_is_opened()
    {
        // Proof that the compiled graph is what runs: of the wrong weights comes another result, when the description says they are right.
        var description = Path.Combine(_folder["opened"], Compile("opened"));
        var json = JsonNode.Parse(File.ReadAllText(description))!;
        var weights = json["files"]!.AsArray()[^1]!;
        var path = Path.Combine(_folder["opened"], (string)weights["name"]!);
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 4)
            bytes[i + 1] ^= 1;
        File.WriteAllBytes(path, bytes);
        weights["crc32c"] = Crc32C.OfFile(path);
        File.WriteAllText(description, json.ToJsonString());
        Assert.That(Run("opened").Values, Is.Not.EqualTo(Uncompiled()));
    }

    [TestCase("onnxRuntime", "1.0.0", "it was made for ONNX Runtime 1.0.0, this is")]
    [TestCase("device", "another processor", "it was made for device another processor, this is")]
    [TestCase("model", "abc", "it was made for model abc, this is")]
    [TestCase("provider", "cuda", "it was made for provider cuda, this is cpu")]
    [TestCase("precision", "TF32", "it was made for precision TF32, this is")]
    public void A_foreign_one_is_left_alone_and_that_is_said(string key, string value, string reason)
    {
        var description = Path.Combine(_folder["foreign-" + key], Compile("foreign-" + key));
        var json = JsonNode.Parse(File.ReadAllText(description))!;
        json["key"]![key] = value;
        File.WriteAllText(description, json.ToJsonString());
        var (values, notices) = Run("foreign-" + key);
        Assert.That(notices, Has.Exactly(1).Items.And.All.Contains(reason).And.All.Contains("`ortpeft compile` makes one that fits."));
        Assert.That(values, Is.EqualTo(Uncompiled()));
    }

    [Test]
    public void One_for_another_site_is_left_alone()
    {
        Compile("site", "layer.1");
        Assert.That(Run("site").Notices, Has.Exactly(1).Items.And.All.Contains("it was made for site layer.1, this is last-hidden-state"));
    }

    [Test]
    public void A_changed_file_is_not_trusted()
    {
        var description = Path.Combine(_folder["changed"], Compile("changed"));
        var path = Path.ChangeExtension(description, ".onnx");
        var bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
        var (values, notices) = Run("changed");
        Assert.That(notices, Has.Exactly(1).Items.And.All.Contains("is not the file that was written"));
        Assert.That(values, Is.EqualTo(Uncompiled()));
        File.Delete(path);
        Assert.That(Run("changed").Notices, Has.Exactly(1).Items.And.All.Contains("is missing"));
    }

    [TestCase("../../secret.onnx", "which is no file beside it")]
    [TestCase("/etc/passwd", "which is no file beside it")]
    public void A_description_cannot_reach_elsewhere(string name, string reason)
    {
        var folder = "reach" + name.Length;
        var description = Path.Combine(_folder[folder], Compile(folder));
        var json = JsonNode.Parse(File.ReadAllText(description))!;
        json["files"]![0]!["name"] = name;
        File.WriteAllText(description, json.ToJsonString());
        Assert.That(Run(folder).Notices, Has.Exactly(1).Items.And.All.Contains(reason));
    }

    [Test]
    public void A_damaged_description_is_said()
    {
        File.WriteAllText(Path.Combine(_folder["damaged"], Compile("damaged")), "{");
        Assert.That(Run("damaged").Notices, Has.Exactly(1).Items.And.All.Contains("is damaged or of another version"));
    }

    [Test]
    public void A_folder_that_is_not_there_is_refused_when_it_was_named() => Assert.That(() => Run("nowhere"),
        Throws.TypeOf<OrtPeftException>().With.Message.Contains("does not exist. `ortpeft compile` writes one."));

    [Test]
    public void The_key_names_all_that_it_is_for()
    {
        var backbone = Tiny.Backbone();
        var graph = new FrozenGraph(backbone, BackboneSites.Resolve(backbone, "layer.1"));
        var key = CompiledKey.Of(graph, new ExecutionOptions { Provider = "cpu" }, 0);
        Assert.That(key, Is.EqualTo(new CompiledKey
        {
            Model = backbone.Sha256,
            Site = "layer.1",
            Provider = "cpu",
            Device = ProviderDevice.Processor,
            OnnxRuntime = OrtSession.Version,
            Precision = OrtSession.Precision,
        }));
        var names = new[] { key, key with { Model = "m" }, key with { Site = "s" }, key with { Provider = "p" }, key with { Device = "d" }, key with { OnnxRuntime = "o" }, key with { Precision = "q" } }.Select(k => k.Name);
        Assert.That(names, Is.Unique);
        Assert.That(key.Name, Does.Match("^cpu-[0-9a-f]{16}$"));
    }

    [Test]
    public void Several_devices_answer_as_one()
    {
        var backbone = Tiny.Backbone();
        using var one = new FrozenEncoder(backbone, new ExecutionOptions { Provider = "cpu", Threads = 1 });
        using var two = new FrozenEncoder(backbone, new ExecutionOptions { Provider = "cpu", Threads = 2, Devices = [0, 1] });
        var tokens = Tiny.Mails(12).Select(m => backbone.Read(m, 16)).ToArray();
        var answers = new float[tokens.Length][];
        Parallel.For(0, tokens.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => two.Run([tokens[i]], (hidden, _) => answers[i] = hidden.ToArray()));
        for (var i = 0; i < tokens.Length; i++)
            one.Run([tokens[i]], (hidden, _) => Assert.That(answers[i], Is.EqualTo(hidden.ToArray())));
    }

    sealed class Notices : IProgress<string>
    {
        internal List<string> Said { get; } = [];

        public void Report(string value) => Said.Add(value);
    }
}
