namespace OrtPeft;

/// <summary>
/// Architecture search for parameter-efficient tuning by pruning (Lawton et al., arXiv 2305.16597): everything is trained, each unit gets a first-order
/// estimate of what pruning it costs, the best are kept within a budget, and those are trained again from the start. What is pruned is neither stored
/// nor updated.
/// </summary>
public abstract record NasOptions : EncoderMethodOptions
{
    const string Seed = "seed", BackboneParameters = "backbone.parameters", ScoreSuffix = ".score";

    /// <summary>What is kept or pruned as a whole: structured, a bias vector or a rank-one component of a matrix; unstructured, a single entry.</summary>
    public SearchUnit Unit { get; init; }

    /// <summary>Trained values to keep, without the head: a number such as 2000, or a share of the backbone's parameters such as 0.05%.</summary>
    public string Budget { get; init; } = "0.05%";

    /// <summary>Several budgets from one search, rising, with commas between; the last one is the result. Empty for `budget` alone.</summary>
    public string Budgets { get; init; } = "";

    /// <summary>How the estimates of the minibatches become a score: signed, absolute or squared.</summary>
    public ImportanceKind Score { get; init; }

    /// <summary>Rank by score per trained value instead of by score.</summary>
    public bool Density { get; init; }

    /// <summary>Rounds of searching and pruning; each keeps the same share of what is left.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Epochs of a search; 0 takes those of the training. The last one gives the scores.</summary>
    public int SearchEpochs { get; init; }

    /// <summary>Learning rate of what was kept as a multiple of --learning-rate, which is that of the search: few values may move further.</summary>
    public double KeptRate { get; init; } = 3;

    internal override string? Unmergeable => "what it trains has another shape in every adapter";

    /// <summary>Seed of the factors' values at the start: that of the run, kept in what the search found.</summary>
    private protected long FactorSeed { get; private init; }

    internal override IReadOnlyList<Stage> Stages => Found is not null ? [] :
    [
        .. Enumerable.Range(1, Rounds).Select(Search),
        .. AllBudgets.SkipLast(1).Select(budget => new Stage($"budget-{budget}") { Method = done => Pruned(done[Rounds - 1], budget) with { Budget = budget, Budgets = "" } }),
    ];

    internal override MethodOptions After(IReadOnlyList<Adapter> stages) => Pruned(stages[Rounds - 1], AllBudgets[^1]);

    internal override IEnumerable<FoundPicture> PicturesOf(TunedModel tuned)
    {
        if (tuned.Stages.Count == 0)
            return [];
        var budgets = BudgetResult.Of(tuned);
        var maps = KeptMap.Of(SpaceOf(tuned.Stages[0].Adapter), new Survivors(Found));
        return budgets.Count < 3 ? maps : [.. maps, BudgetCurve.Of(budgets, tuned.Training.SelectBy)];
    }

    internal override TunableGraph Apply(Backbone backbone, LearningTask task, long seed)
    {
        var tunable = (this with { FactorSeed = Found is null ? seed : NumberIn(Found, Seed) }).Declare(backbone, task, seed);
        if (Found is null)
            RequireBudgets(backbone, SearchSpace.Of(tunable.Encoder!.Tensors, Unit, null));
        return tunable;
    }

    internal override long CountParameters(Backbone backbone, LearningTask task)
    {
        var all = base.CountParameters(backbone, task);
        if (Found is not null)
            return all;
        var space = SearchSpace.Of(Declare(backbone, task, seed: 0).Encoder!.Tensors, Unit, null).Size;
        return all - Math.Max(0, space - ParameterBudget.Parse(AllBudgets[^1], backbone.Parameters));
    }

    private protected override void Validate(Backbone backbone)
    {
        RequireRange(nameof(Rounds), Rounds, 1, 10);
        RequireRange(nameof(SearchEpochs), SearchEpochs, 0, 100_000);
        RequireRange(nameof(KeptRate), KeptRate, 0, 1e6);
    }

    /// <summary>The learning rate of the encoder's tensors as a multiple of the run's.</summary>
    internal double Rate => new Survivors(Found).AreAll ? 1 : KeptRate;

    private protected LowRankSpace LowRank(int rank, FactorInit init) => new(rank, Unit, new Survivors(Found), LowRankSpace.StartOf(init, FactorSeed)) { Rate = Rate };

    TunableGraph Declare(Backbone backbone, LearningTask task, long seed) => base.Apply(backbone, task, seed);

    internal string[] AllBudgets => Budgets.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } several ? several : [Budget];

    void RequireBudgets(Backbone backbone, SearchSpace space)
    {
        var cheapest = space.Parts.Min(p => p.Cost);
        var budgets = AllBudgets.Select(b => ParameterBudget.Parse(b, backbone.Parameters)).ToArray();
        if (budgets.Min() < cheapest)
            throw new OrtPeftException($"{Method}: the budget is {budgets.Min()} trained values, and the smallest unit of '{backbone.Name}' has {cheapest}. Choose a larger budget, or unit=unstructured.");
        if (budgets.Zip(budgets.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new OrtPeftException($"{Method}: budgets are {string.Join(", ", budgets)} trained values; expected rising ones, because the last is the result.");
    }

    /// <summary>A training of all that earlier rounds have left, in whose last epoch every unit is scored.</summary>
    Stage Search(int round) => new(Rounds == 1 ? "search" : $"search-{round}")
    {
        Method = done => round == 1 ? this : Pruned(done[round - 2], AllBudgets[^1], roundsLeft: Rounds - round + 2),
        Training = options => options with { Epochs = SearchEpochs > 0 ? SearchEpochs : options.Epochs, Patience = 0 },
        Finds = $"{Score}",
        Observe = (tunable, options) => new ImportanceScores(SearchSpace.Of(tunable.Encoder!.Tensors, Unit, null), tunable.Tensors, Score, options.Epochs!.Value),
        Find = Scores,
    };

    /// <summary>The scores, beside what a loaded result of the search needs.</summary>
    static Finding Scores(StageRun run)
    {
        if (run.Observed.Count == 0)
            throw new OrtPeftException("The search ended before its last epoch, so nothing was scored. Lower --learning-rate.");
        return new Finding(
            [.. run.Observed.Select(s => s with { Name = s.Name + ScoreSuffix })],
            [.. new Survivors(run.Found).Places, new PlaceSet(Seed, [run.Training.Seed]), new PlaceSet(BackboneParameters, [run.Tunable.Encoder!.Backbone.Parameters])]);
    }

    /// <summary>These options with what a budget keeps of a search; with rounds left, the share that brings equal steps down to it.</summary>
    NasOptions Pruned(Adapter search, string budget, int roundsLeft = 1)
    {
        var found = search.Found!;
        var space = SpaceOf(search);
        var scores = space.Parts.Select(p => found.Value(p.Name + ScoreSuffix, p.Units.Length).Values).ToArray();
        var target = ParameterBudget.Parse(budget, NumberIn(found, BackboneParameters));
        var now = (long)(space.Size * Math.Pow((double)target / space.Size, 1.0 / roundsLeft));
        return this with { Found = new Finding([], [.. space.Keep(scores, Math.Max(target, now), Density), new PlaceSet(Seed, [NumberIn(found, Seed)])]) };
    }

    SearchSpace SpaceOf(Adapter search) => SearchSpace.Of([.. search.Tensors.Where(IsSearched)], Unit, search.Found);

    internal static bool IsSearched(TrainedTensor tensor) => BiasDeltas.Has(tensor.Name) || LowRankUpdates.IsU(tensor.Name) || LowRankUpdates.IsV(tensor.Name);

    static long NumberIn(Finding found, string name) => found.Places.FirstOrDefault(p => p.Name == name)?.Indices is [var number]
        ? number
        : throw new OrtPeftException($"The adapter is damaged: it has no found number '{name}'. Restore {Adapter.TensorsFile}, or train again.");
}
