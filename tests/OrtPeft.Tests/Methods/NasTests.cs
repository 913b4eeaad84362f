using Microsoft.ML.OnnxRuntime;

namespace OrtPeft.Tests;

/// <summary>What must hold of any architecture search by pruning, whatever the reference says.</summary>
sealed class NasTests
{
    [Test]
    public void Budgets_of_single_entries_are_met_exactly_and_of_groups_not_exceeded()
    {
        var backbone = Tiny.Backbone();
        foreach (var options in new NasOptions[] { new NasBitFitOptions { Budget = "100" }, new NasLoraOptions { Budget = "100" }, new NasMixedOptions { Budget = "100" } })
        {
            foreach (var unit in Enum.GetValues<SearchUnit>())
            {
                var space = TinySearch.Space(backbone, options with { Unit = unit });
                for (var budget = 100L; budget < space.Size; budget = budget * 5 / 3)
                {
                    var scores = space.Parts.Select(p => TrainedTensor.Uniform(p.Name, 1, budget, p.Units.Length).Values).ToArray();
                    foreach (var density in new[] { false, true })
                    {
                        var kept = TinySearch.Kept(options with { Unit = unit }, space.Keep(scores, budget, density));
                        var trained = kept.Apply(backbone, ["a", "b"], seed: 1).Encoder!.Tensors.Sum(t => t.Count);
                        Assert.That(trained, unit == SearchUnit.Unstructured ? Is.EqualTo(budget) : Is.InRange(budget - 96, budget), $"{options.Method} {unit} {budget}");
                    }
                }
            }
        }
    }

    [Test]
    public void A_unit_that_does_not_fit_is_passed_over_and_equal_scores_keep_their_order()
    {
        var space = new SearchSpace([new("a", ["a"], [0], 5), new("b", ["b"], [0, 1, 2], 2), new("c", ["c"], [0], 1)]);
        Assert.That(Words(space.Keep([[3], [1, 1, 2], [-1]], 6, density: false)), Is.EqualTo("a: 0, c: 0"), "5 of 6 are spent, so that none of b fits");
        Assert.That(Words(space.Keep([[3], [1, 1, 2], [-1]], 5, density: true)), Is.EqualTo("b: 0 2, c: 0"), "1 and 0.5 a value before 0.6, which no longer fits");
        Assert.That(Words(space.Keep([[1], [1, 1, 1], [1]], 4, density: false)), Is.EqualTo("b: 0 1"), "a does not fit, then in order");

        static string Words(IEnumerable<PlaceSet> places) => string.Join(", ", places.Select(p => $"{p.Name.Replace(".kept", "", StringComparison.Ordinal)}: {string.Join(' ', p.Indices)}"));
    }

    /// <summary>L = sum of a (theta - t)^2 / 2 with few t that are not zero, by gradient descent from zero.</summary>
    [Test]
    public void Planted_entries_are_found_and_the_signed_score_has_the_sign_of_the_change_of_the_loss()
    {
        const int Length = 40;
        int[] planted = [3, 8, 21, 33];
        var random = new CounterRandom(1, "planted");
        var curvature = Enumerable.Range(0, Length).Select(_ => 0.5f + random.NextSingle()).ToArray();
        var target = Enumerable.Range(0, Length).Select(i => planted.Contains(i) ? random.NextSingle() < 0.5 ? -1f : 1f : 0f).ToArray();
        float[] theta = new float[Length], gradient = new float[Length];
        using OrtValue values = OrtValue.CreateTensorValueFromMemory(theta, [Length]), gradients = OrtValue.CreateTensorValueFromMemory(gradient, [Length]);
        var space = new SearchSpace([new("bias", ["bias"], [.. Enumerable.Range(0, Length)], 1)]);
        var scores = new ImportanceScores(space, [new TrainedTensor("bias", [Length], new float[Length])], ImportanceKind.Signed, 1);
        for (var step = 0; step < 10; step++)
        {
            for (var i = 0; i < Length; i++)
                gradient[i] = curvature[i] * (theta[i] - target[i]) + 0.01f * (random.NextSingle() - 0.5f);
            scores.See(new TrainingStep([values], [gradients]));
            for (var i = 0; i < Length; i++)
                theta[i] -= 0.1f * gradient[i];
        }
        var found = scores.Result[0].Values;
        Assert.That(space.Keep([found], planted.Length, density: false)[0].Indices, Is.EqualTo(planted));
        foreach (var i in planted)
        {
            var change = curvature[i] * (target[i] * target[i] - (theta[i] - target[i]) * (theta[i] - target[i])) / 2;
            Assert.That(Math.Sign(found[i]), Is.EqualTo(Math.Sign(change)));
        }
    }

    /// <summary>The loss knows U_k and V_k as U_k V_k^T alone, so sum_i U_ik dU_ik = sum_j V_jk dV_jk.</summary>
    [Test]
    public void Both_factors_rank_components_alike_under_the_standard_start()
    {
        var fixture = NasFixtures.Search("nas-lora-structured");
        var backbone = fixture.Backbone("");
        var tunable = new NasLoraOptions { Budget = "700", Init = FactorInit.Standard }.Apply(backbone, fixture.Reference.Task(), seed: 3);
        Assert.That(tunable.Tensors.Where(t => LowRankUpdates.IsV(t.Name)).SelectMany(t => t.Values), Is.All.Zero);
        tunable = tunable with { Tensors = [.. tunable.Tensors.Select(t => t with { Values = [.. t.Values.Zip(TrainedTensor.Uniform(t.Name, 0.1, 5, t.Values.Length).Values, (a, b) => a + b)] })] };
        using var batch = fixture.Batch(1, backbone, tunable);
        var gradients = MethodFixtureTests.RunWithGradients(tunable, batch, tunable.Tensors.Select(t => t.Name), fixture.Reference.Labels);
        foreach (var u in tunable.Tensors.Where(t => LowRankUpdates.IsU(t.Name)))
        {
            var v = tunable.Tensors.First(t => t.Name == LowRankUpdates.V(LowRankUpdates.MatrixOf(u.Name)));
            for (var k = 0; k < 8; k++)
                Assert.That(Sum(u, k), Is.EqualTo(Sum(v, k)).Within(2e-6), $"{u.Name} {k}");
        }

        double Sum(TrainedTensor factor, int k) => factor.Values.Select((x, i) => i % 8 == k ? (double)x * gradients[factor.Name][i] : 0).Sum();
    }

    /// <summary>What was pruned is a constant of the graph: the fused biases differ from the backbone's in the kept entries and nowhere else.</summary>
    [Test]
    public void Pruned_biases_never_move()
    {
        var backbone = Tiny.Backbone();
        var options = TinySearch.Half(backbone, new NasBitFitOptions { Budget = "200", Unit = SearchUnit.Unstructured });
        var tunable = options.Apply(backbone, ["a", "b"], seed: 1);
        var (model, _, _) = tunable.Encoder!.Fused(tunable.Tensors.Select(t => t with { Values = [.. t.Values.Select(_ => 1f)] }));
        var fused = model.Graph.Initializers.ToDictionary(i => i.Name);
        var moved = 0;
        foreach (var tensor in tunable.Encoder.Tensors)
        {
            var places = options.Found!.PlacesOf(tensor.Name + ".kept", 64);
            var edited = fused.Values.Single(i => i.Name.StartsWith(tensor.Name + ".vector", StringComparison.Ordinal)).ToFloats();
            var scope = HookScope.Over(backbone, new Dropouts(training: false));
            var original = BitFit.Chosen(scope, "", 0, "all").First(b => b.Name + ".delta" == tensor.Name).Site.Tensor.ToFloats();
            Assert.That(edited, Is.EqualTo(original.Select((b, i) => places.Contains(i) ? b + 1 : b)), tensor.Name);
            moved += places.Length;
        }
        Assert.That(moved, Is.EqualTo(tunable.Encoder.Tensors.Sum(t => t.Count)));
    }

    [Test]
    public void The_map_shows_ranks_and_shares()
    {
        var space = new SearchSpace(
        [
            new("layer.0.attention.q.bias.delta", ["layer.0.attention.q.bias.delta"], [0, 1, 2, 3], 1), new("layer.1.ffn.in.bias.delta", ["layer.1.ffn.in.bias.delta"], [0, 1], 1),
            new("layer.0.attention.q", ["layer.0.attention.q.U", "layer.0.attention.q.V"], [0, 1, 2, 3], 64), new("layer.1.attention.q", ["layer.1.attention.q.U", "layer.1.attention.q.V"], [0, 1, 2, 3], 64),
        ]);
        var kept = new Survivors(new Finding([], [Survivors.Kept("layer.0.attention.q.bias.delta", [1]), Survivors.Kept("layer.1.attention.q", [0, 2, 3])]));
        KeptMap[] maps = [.. KeptMap.Of(space, kept).Cast<KeptMap>()];
        Assert.That(maps[0].Cells, Is.EqualTo(new KeptCell[] { new("layer 0", "q", 0.25, "25\u00A0%"), new("layer 1", "ffn.in", 0, "") }));
        Assert.That(maps[1].Cells, Is.EqualTo(new KeptCell[] { new("layer 0", "q", 0, ""), new("layer 1", "q", 0.75, "3") }));
        Assert.That(maps[1].Note, Is.EqualTo("Rank that the search kept of 4."));
    }

    [TestCase("x", "budget is 'x'; expected a number of parameters")]
    [TestCase("0", "budget is '0'; expected")]
    [TestCase("12.5", "budget is '12.5'; expected")]
    [TestCase("20", "nas-bitfit: the budget is 20 trained values, and the smallest unit of 'tiny-bert' has 32")]
    public void A_budget_that_cannot_be_is_refused(string budget, string message)
    {
        var backbone = Tiny.Backbone();
        Assert.That(() => new NasBitFitOptions { Budget = budget }.Apply(backbone, ["a", "b"], seed: 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains(message));
    }

    [Test]
    public void Budgets_must_rise()
    {
        var backbone = Tiny.Backbone();
        Assert.That(() => new NasBitFitOptions { Budgets = "200,100" }.Apply(backbone, ["a", "b"], seed: 0), Throws.TypeOf<OrtPeftException>().With.Message.Contains("budgets are 200, 100 trained values; expected rising ones"));
    }
}
