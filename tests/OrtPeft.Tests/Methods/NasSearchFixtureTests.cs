using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>The search of S- and U-BitFit, S- and U-LoRA against PyTorch: losses, values, every score, and exactly the same masks for every budget.</summary>
sealed class NasSearchFixtureTests
{
    static IEnumerable<object[]> All => NasFixtures.Names.SelectMany(name => new[] { "", "-dynamo" }.Select(exporter => new object[] { name, exporter }));

    [TestCaseSource(nameof(All))]
    public void The_search_equals_the_reference(string name, string exporter)
    {
        var fixture = NasFixtures.Search(name);
        var backbone = fixture.Backbone(exporter);
        var tunable = fixture.Apply(backbone);
        var space = SearchSpace.Of(tunable.Encoder!.Tensors, ((NasOptions)fixture.Options).Unit, null);
        var scores = new AllScores(space, tunable.Tensors);
        using var search = SafetensorsFile.Open(NasFixtures.Place(name, "search.safetensors"));
        var losses = search.ReadSingles("losses");

        var options = new TrainingOptions { Clip = 0, WeightDecay = 0.01, LearningRate = 1e-3, Epochs = 2, BatchSize = 4, Patience = 0 };
        using var engine = new GraphEngine(tunable, backbone.Hidden, fixture.Reference.Labels, options, new ExecutionOptions { Threads = 1 });
        for (var step = 0; step < 10; step++)
        {
            using var batch = fixture.Batch(step % 5 + 1, backbone, tunable);
            Assert.That(engine.Train(batch, 1e-3, step < 5 ? null : scores), Is.EqualTo(losses[step]).Within(1e-4), $"loss of step {step + 1}");
        }

        foreach (var tensor in engine.Read().Values.Where(t => !fixture.IsZero(t.Name)))
        {
            // Relative to the largest entry; PyTorch's own float32 run is off by 7.1e-6.
            var expected = search.ReadSingles($"after.{NasFixtures.NameOf(tensor.Name)}");
            Assert.That(MethodFixture.RelativeError(tensor.Values, expected), Is.LessThan(Math.Max(1e-4, 1.4e-5 / expected.Max(Math.Abs))), tensor.Name);
        }
        foreach (var (kind, word) in new[] { (ImportanceKind.Signed, "signed"), (ImportanceKind.Absolute, "abs"), (ImportanceKind.Squared, "squared") })
            Assert.That(MethodFixture.RelativeError([.. scores.Of(kind).SelectMany(s => s.Values)], [.. space.Parts.SelectMany(p => Expected(search, name, word, p))]), Is.LessThan(1e-4), $"{word} scores");
        foreach (var budget in NasFixtures.Budgets(name))
        {
            var kept = space.Keep([.. scores.Of(ImportanceKind.Signed).Select(s => s.Values)], budget, density: false);
            Assert.That(Words(kept), Is.EquivalentTo(Words(NasFixtures.Masks(name, budget))), $"budget {budget}");
        }
    }

    static IEnumerable<string> Words(IEnumerable<PlaceSet> places) => places.Select(p => $"{p.Name}: {string.Join(' ', p.Indices)}");

    /// <summary>The reference's scores of a part, in the order of its units.</summary>
    static IEnumerable<float> Expected(SafetensorsFile search, string name, string word, SearchPart part)
    {
        if (name.EndsWith("unstructured", StringComparison.Ordinal))
            return search.ReadSingles($"score.{word}.{NasFixtures.NameOf(part.Name)}");
        var units = JsonSerializer.Deserialize<string[]>(File.ReadAllText(NasFixtures.Place(name, "units.json")))!;
        var scores = search.ReadSingles($"unit_score.{word}");
        var names = BiasDeltas.Has(part.Name) ? [NasFixtures.NameOf(part.Name)] : part.Units.Select(u => $"{NasFixtures.NameOf(part.Name + ".U")[..^2]}[{u}]");
        return names.Select(n => scores[Array.IndexOf(units, n)]);
    }

    /// <summary>All three kinds of scores of the same steps.</summary>
    sealed class AllScores(SearchSpace space, IReadOnlyList<TrainedTensor> start) : IStepObserver
    {
        readonly ImportanceScores[] _all = [.. Enum.GetValues<ImportanceKind>().Select(kind => new ImportanceScores(space, start, kind, 2))];

        public int Epoch => 2;

        public IReadOnlyList<TrainedTensor> Result => [];

        public void See(TrainingStep step)
        {
            foreach (var scores in _all)
                scores.See(step);
        }

        internal IReadOnlyList<TrainedTensor> Of(ImportanceKind kind) => _all[(int)kind].Result;
    }
}
