using System.Diagnostics;
using NUnit.Framework;
using OrtPeft.Graphs;
using OrtPeft.Tests.Gradients;

namespace OrtPeft.Tests.Graphs;

/// <summary>Valid models with random damage go through reader and shape inference: they are accepted or refused, never anything else.</summary>
[TestFixture]
public class MutationTests
{
    [Test]
    public void Damaged_models_are_accepted_or_refused([Values(1)] int seed) => Run(seed, 20_000);

    /// <summary>The same for as long as wanted: <c>dotnet test --filter Name=Fuzz</c> with ORTPEFT_FUZZ=1000000.</summary>
    [Test, Explicit]
    public void Fuzz() => Run(Environment.TickCount, int.Parse(Environment.GetEnvironmentVariable("ORTPEFT_FUZZ") ?? "1000000", System.Globalization.CultureInfo.InvariantCulture));

    static void Run(int seed, int count)
    {
        var models = OperatorCase.All.Select(c => c.ModelBytes).Concat(FixtureFiles.Unzip("hostile/models.zip").Where(f => f.Key.EndsWith(".onnx", StringComparison.Ordinal)).Select(f => f.Value))
            .Where(b => b.Length is > 0 and < 4000).ToArray();
        var random = new Random(seed);
        var (accepted, slowest) = (0, TimeSpan.Zero);
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutate(models[random.Next(models.Length)], random);
            var clock = Stopwatch.GetTimestamp();
            try
            {
                var model = OnnxModel.FromBytes(bytes, "mutant");
                ShapeInference.Infer(model);
                model.ToBytes();
                accepted++;
            }
            catch (OnnxException)
            {
                // Refused, as it should be.
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}, mutant {i}: {e}\n{Convert.ToBase64String(bytes)}");
            }
            var elapsed = Stopwatch.GetElapsedTime(clock);
            slowest = elapsed > slowest ? elapsed : slowest;
        }
        TestContext.Out.WriteLine($"{accepted} of {count} accepted; slowest {slowest.TotalMilliseconds:F1} ms.");
        Assert.That(accepted, Is.InRange(count / 100, count * 99 / 100), "mutation that changes nothing, or everything, finds nothing");
        Assert.That(slowest, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var edits = random.Next(1, 3); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(12))
            {
                case < 4: bytes[at] = (byte)random.Next(256); break;
                case < 8: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 8: bytes.Insert(at, (byte)random.Next(256)); break;
                case 9: bytes.RemoveAt(at); break;
                case 10: bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 40))); break;
                default: bytes.InsertRange(at, bytes.Skip(random.Next(bytes.Count)).Take(random.Next(1, 60)).ToArray()); break;
            }
        }
        return [.. bytes];
    }
}
