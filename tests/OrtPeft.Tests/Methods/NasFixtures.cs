using System.Text.Json;

namespace OrtPeft.Tests;

/// <summary>The reference runs of architecture search by pruning: the search over a whole space, and the retrained rest for three budgets each.</summary>
static class NasFixtures
{
    internal const int Rank = 8;

    static readonly (string Name, NasOptions Options, long[] Budgets)[] Cases =
    [
        ("nas-bitfit-structured", new NasBitFitOptions { Budget = "64", KeptRate = 1 }, [64, 200, 500]),
        ("nas-bitfit-unstructured", new NasBitFitOptions { Budget = "64", KeptRate = 1, Unit = SearchUnit.Unstructured }, [64, 200, 500]),
        ("nas-lora-structured", new NasLoraOptions { Budget = "700" }, [700, 2048, 4000]),
        ("nas-lora-unstructured", new NasLoraOptions { Budget = "700", Unit = SearchUnit.Unstructured }, [700, 2048, 4000]),
    ];

    internal static IEnumerable<string> Names => Cases.Select(c => c.Name);

    internal static long[] Budgets(string name) => Cases.First(c => c.Name == name).Budgets;

    internal static IEnumerable<KeyValuePair<string, Func<EncoderFixture>>> Retrained =>
        from c in Cases
        from budget in c.Budgets
        select KeyValuePair.Create($"{c.Name}-{budget}", () => Fixture(c.Name, budget, c.Options with { Found = new Finding([], [.. Masks(c.Name, budget), new PlaceSet("seed", [0])]) }));

    /// <summary>The whole space.</summary>
    internal static EncoderFixture Search(string name) => Fixture(name, Budgets(name)[0], Cases.First(c => c.Name == name).Options);

    static EncoderFixture Fixture(string name, long budget, NasOptions options)
    {
        var folder = $"{name}/budget-{budget}";
        var reference = new MethodFixture(folder);
        var fixture = new EncoderFixture(folder, options, (tensor, read) => Trained(tensor, read, options));
        var space = new LowRankSpace(Rank, options.Unit, new Survivors(options.Found), (tensor, _) => reference.Read("initial", NameOf(tensor)));
        return options is NasLoraOptions lora
            ? fixture with { Encoder = backbone => TunedEncoder.Of(backbone, 0, scope => LowRankUpdates.Hook(scope, lora.Targets, 0, space), scope => LowRankUpdates.Fuse(scope, lora.Targets, 0, space)) }
            : fixture;
    }

    /// <summary>The reference's name of a tensor of ours.</summary>
    internal static string NameOf(string tensor) => BiasDeltas.Has(tensor) ? "delta." + EncoderFixtures.Module(tensor[..^".delta".Length]) : EncoderFixtures.Module(tensor);

    /// <summary>Of the reference's dense values those that are trained.</summary>
    static float[] Trained(string tensor, Func<string, float[]> read, NasOptions options)
    {
        var values = read(NameOf(tensor));
        if (options.Found is not { } found || EncoderFixtures.IsHead(tensor))
            return values;
        if (options.Unit == SearchUnit.Unstructured)
            return [.. found.PlacesOf(tensor + ".kept", values.Length).Select(i => values[i])];
        if (BiasDeltas.Has(tensor))
            return values;
        var components = found.PlacesOf(LowRankUpdates.MatrixOf(tensor) + ".kept", Rank);
        return [.. values.Chunk(Rank).SelectMany(row => components.Select(c => row[c]))];
    }

    /// <summary>What the reference kept for a budget, in our words.</summary>
    internal static IEnumerable<PlaceSet> Masks(string name, long budget)
    {
        var masks = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, int[]>>>(File.ReadAllText(Place(name, "masks.json")))![$"{budget}"];
        var structured = !name.EndsWith("unstructured", StringComparison.Ordinal);
        foreach (var tensor in Enumerable.Range(0, 3).SelectMany(layer => EncoderFixtures.Modules.Keys.Select(role => $"layer.{layer}.{role}")).SelectMany(module => new[] { $"{module}.bias.delta", $"{module}.U", $"{module}.V" }))
        {
            if (!masks.TryGetValue(NameOf(tensor), out var entries) || (structured && LowRankUpdates.IsV(tensor)))
                continue;
            yield return !structured ? Survivors.Kept(tensor, entries)
                : LowRankUpdates.IsU(tensor) ? Survivors.Kept(LowRankUpdates.MatrixOf(tensor), entries.Select(e => e % Rank).Distinct())
                : Survivors.Kept(tensor, [0]);
        }
    }

    internal static string Place(string name, string file) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "methods", name, file);
}
