using OrtPeft.Graphs;

namespace OrtPeft.Tests;

/// <summary>The checkpoint file: those of the generator and of the runtime are read, ours come back as they were, damage is refused.</summary>
sealed class OrtCheckpointTests
{
    static readonly string[] Names = OfficialArtifacts.Names;

    [TestCaseSource(nameof(Names))]
    public void The_generators_checkpoint_holds_the_initial_values(string name)
    {
        using var official = new OfficialArtifacts(name);
        var checkpoint = OrtCheckpoint.Load(official["checkpoint"]);
        Assert.That(checkpoint.Frozen.Select(t => t.Name), Is.EqualTo(official.Case["frozen"]!.AsArray().Select(n => (string)n!)));
        Assert.That(checkpoint.Trainable.Concat(checkpoint.Frozen).Select(t => t.Name), Is.EquivalentTo(official.Tensors("init.")));
        foreach (var tensor in checkpoint.Trainable.Concat(checkpoint.Frozen))
            Assert.That(tensor.ToFloats(), Is.EqualTo(official.Read($"init.{tensor.Name}")), tensor.Name);
        Assert.That(checkpoint.Optimizer, Is.Empty);
        Assert.That(checkpoint.IsNominal, Is.False);
    }

    [TestCaseSource(nameof(Names))]
    public void The_runtimes_checkpoint_holds_values_moments_and_properties(string name)
    {
        using var official = new OfficialArtifacts(name);
        var checkpoint = OrtCheckpoint.Load(official["checkpoint_step100"]);
        foreach (var tensor in checkpoint.Trainable.Concat(checkpoint.Frozen))
            Assert.That(tensor.ToFloats(), Is.EqualTo(official.Read($"step100.{tensor.Name}")), tensor.Name);
        Assert.That(checkpoint.Properties, Is.EquivalentTo(new Dictionary<string, object> { ["epoch"] = 3L, ["accuracy"] = 0.25f, ["task"] = "demo" }));
        var group = checkpoint.Optimizer.Single();
        Assert.That((group.Name, group.Step), Is.EqualTo(("group0", 100L)));
        Assert.That(group.InitialLearningRate, Is.EqualTo(name == "mlp-adamw" ? 0.005f : 0.001f));
        Assert.That(group.Moments.Keys, Is.EqualTo(checkpoint.Trainable.Select(t => t.Name)));
        Assert.That(group.Moments.Values.Select(m => m.Count), Is.All.EqualTo(name == "linear-sgd" ? 1 : 2));
        Assert.That(OrtCheckpoint.Load(official["checkpoint_step100_params_only"]).Optimizer, Is.Empty);
    }

    [Test]
    public void A_nominal_checkpoint_holds_names_only()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        var checkpoint = OrtCheckpoint.Load(official["nominal_checkpoint"]);
        Assert.That(checkpoint.IsNominal);
        Assert.That(checkpoint.Trainable.Select(t => t.Name), Is.EqualTo(new[] { "classifier.weight", "classifier.bias" }));
    }

    [TestCase("mlp-adamw", "checkpoint")]
    [TestCase("mlp-adamw", "checkpoint_step100")]
    [TestCase("ytuning-adamw", "checkpoint_step100")]
    [TestCase("linear-adamw", "nominal_checkpoint")]
    public void Round_trip(string name, string file)
    {
        using var official = new OfficialArtifacts(name);
        var before = OrtCheckpoint.Load(official[file]);
        before.Save(official["again"]);
        AssertEqual(OrtCheckpoint.Load(official["again"]), before);
    }

    [Test]
    public void Round_trip_of_unusual_contents()
    {
        using var folder = new TemporaryFolder();
        var before = new OrtCheckpoint
        {
            Trainable = [OnnxTensor.FromFloats("scalar", [1.5f]), OnnxTensor.FromFloats("empty", [], 0, 3), OnnxTensor.FromFloats("Gewürz/1", [1, 2, 3, 4, 5, 6], 3, 2)],
            Frozen = [OnnxTensor.FromInt64s("ids", [7, -8], 2)],
            Properties = new Dictionary<string, object> { ["a"] = 1L, ["b"] = -1L, ["c"] = "", ["d"] = float.NaN },
        };
        before.Save(folder["checkpoint"]);
        AssertEqual(OrtCheckpoint.Load(folder["checkpoint"]), before);
    }

    [Test]
    public void Values_lie_where_vector_instructions_like_them()
    {
        using var folder = new TemporaryFolder();
        new OrtCheckpoint { Trainable = [OnnxTensor.FromFloats("w", [123.25f, 2, 3], 3)] }.Save(folder["checkpoint"]);
        var bytes = File.ReadAllBytes(folder["checkpoint"]);
        Assert.That(bytes.AsSpan(4, 4).ToArray(), Is.EqualTo("ODTC"u8.ToArray()));
        Assert.That(bytes.AsSpan().IndexOf(BitConverter.GetBytes(123.25f)) % 16, Is.Zero);
        Assert.That(bytes.AsSpan().IndexOf(BitConverter.GetBytes(3L)) % 8, Is.Zero, "dims");
    }

    [Test]
    public void Cut_off_anywhere()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        var bytes = File.ReadAllBytes(official["checkpoint_step100"]);
        var refused = 0;
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(official["cut"], bytes[..length]);
            // The runtime pads the end; a file that lacks only padding is whole.
            try
            {
                OrtCheckpoint.Load(official["cut"]);
            }
            catch (OrtPeftException e)
            {
                Assert.That(e.Message, Does.Contain("is not a sound ONNX Runtime training checkpoint"));
                refused++;
            }
        }
        Assert.That(refused, Is.GreaterThan(bytes.Length - 16));
    }

    [TestCase("linear-adamw", "checkpoint_step100")]
    [TestCase("mlp-adamw", "checkpoint")]
    public void With_any_one_bit_flipped_it_is_read_or_refused(string name, string file)
    {
        using var official = new OfficialArtifacts(name);
        var bytes = File.ReadAllBytes(official[file]);
        for (var position = 0; position < bytes.Length; position++)
        {
            var bit = (byte)(1 << (position % 8));
            bytes[position] ^= bit;
            File.WriteAllBytes(official["flipped"], bytes);
            bytes[position] ^= bit;
            ReadOrRefused(official["flipped"], $"byte {position}");
        }
    }

    [Test]
    public void Random_damage_is_read_or_refused()
    {
        using var official = new OfficialArtifacts("linear-adamw");
        var original = File.ReadAllBytes(official["checkpoint_step100"]);
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = (byte[])original.Clone();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                // Offsets and lengths are what leads a reader astray: small numbers, huge ones, and those of other places.
                var at = random.Next(bytes.Length / 4) * 4;
                BitConverter.TryWriteBytes(bytes.AsSpan(at, 4), random.Next(4) switch { 0 => random.Next(64), 1 => -random.Next(64), 2 => random.Next(), _ => bytes.Length - at - random.Next(16) });
            }
            File.WriteAllBytes(official["damaged"], bytes);
            ReadOrRefused(official["damaged"], $"mutant {i}");
        }
    }

    [Test]
    public void Tables_that_share_their_contents_are_refused()
    {
        using var folder = new TemporaryFolder();
        new OrtCheckpoint { Trainable = [OnnxTensor.FromFloats("a", [1], 1), OnnxTensor.FromFloats("b", [1], 1)] }.Save(folder["checkpoint"]);
        var bytes = File.ReadAllBytes(folder["checkpoint"]);
        var vector = Enumerable.Range(0, bytes.Length / 4 - 2).Select(i => 4 * i).First(at => BitConverter.ToInt32(bytes, at) == 2 && BitConverter.ToInt32(bytes, at + 4) > 8 && at > 30);
        BitConverter.TryWriteBytes(bytes.AsSpan(vector + 8), BitConverter.ToInt32(bytes, vector + 4) - 4);
        File.WriteAllBytes(folder["checkpoint"], bytes);
        Assert.That(() => OrtCheckpoint.Load(folder["checkpoint"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("two places refer to the table"));
    }

    [Test]
    public void Other_versions_missing_files_and_folders_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => OrtCheckpoint.Load(folder["none"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("does not exist"));
        Directory.CreateDirectory(folder["old"]);
        Assert.That(() => OrtCheckpoint.Load(folder["old"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("Older checkpoints are folders"));
        File.WriteAllText(folder["text"], "this is no checkpoint at all");
        Assert.That(() => OrtCheckpoint.Load(folder["text"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("expected the letters ODTC"));
        using (var file = FlatWriter.File("ODTC", new FlatValue.Table(FlatValue.Of(3))))
            File.WriteAllBytes(folder["new"], file.ToArray());
        Assert.That(() => OrtCheckpoint.Load(folder["new"]), Throws.TypeOf<OrtPeftException>().With.Message.Contains("it has version 3, expected 2"));
    }

    static void ReadOrRefused(string path, string what)
    {
        try
        {
            var checkpoint = OrtCheckpoint.Load(path);
            foreach (var tensor in checkpoint.Trainable.Where(t => !checkpoint.IsNominal && t.ElementType == OnnxType.Float))
                tensor.ToFloats();
        }
        catch (OrtPeftException)
        {
            // Refused, as it should be.
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
    }

    static void AssertEqual(OrtCheckpoint actual, OrtCheckpoint expected)
    {
        Assert.That(actual.IsNominal, Is.EqualTo(expected.IsNominal));
        Assert.That(actual.Properties, Is.EquivalentTo(expected.Properties));
        AssertTensors(actual.Trainable, expected.Trainable);
        AssertTensors(actual.Frozen, expected.Frozen);
        Assert.That(actual.Optimizer.Select(g => (g.Name, g.Step, g.InitialLearningRate)), Is.EqualTo(expected.Optimizer.Select(g => (g.Name, g.Step, g.InitialLearningRate))));
        foreach (var (a, b) in actual.Optimizer.Zip(expected.Optimizer))
        {
            Assert.That(a.Moments.Keys, Is.EqualTo(b.Moments.Keys));
            foreach (var (name, moments) in b.Moments)
                AssertTensors(a.Moments[name], moments);
        }
    }

    static void AssertTensors(IReadOnlyList<OnnxTensor> actual, IReadOnlyList<OnnxTensor> expected)
    {
        Assert.That(actual.Select(t => $"{t.Name} {t}"), Is.EqualTo(expected.Select(t => $"{t.Name} {t}")));
        foreach (var (a, b) in actual.Zip(expected))
            Assert.That(a.Data.Length == 0 ? [] : a.ToBytes(), Is.EqualTo(b.Data.Length == 0 ? [] : b.ToBytes()), a.Name);
    }
}
