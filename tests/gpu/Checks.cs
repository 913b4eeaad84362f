using System.Diagnostics;

namespace OrtPeft.Gpu;

/// <summary>What a check works on.</summary>
sealed record CheckInput(Backbone Backbone, MailCorpus Mails, ExecutionOptions Execution, bool Quick)
{
    /// <summary>The provider with the frozen part in float16.</summary>
    internal ExecutionOptions Half => Execution with { Options = Execution.EffectiveOptions with { Frozen = FrozenPrecision.Fp16 } };

    /// <summary>The processor with as many threads.</summary>
    internal ExecutionOptions Processor => new() { Provider = ExecutionProvider.Cpu, Threads = Execution.Threads };
}

/// <summary>What a check found.</summary>
/// <param name="What">What was compared.</param>
/// <param name="Error">The largest difference.</param>
/// <param name="Limit">What it may be.</param>
sealed record CheckResult(string What, double Error, double Limit)
{
    public string Name { get; init; } = "";

    public bool Holds => Error <= Limit;
}

/// <summary>All checks by name.</summary>
static class Checks
{
    internal static readonly IReadOnlyDictionary<string, Func<CheckInput, CheckResult>> Table = new Dictionary<string, Func<CheckInput, CheckResult>>
    {
        ["features"] = Features,
        ["predictions"] = input => Predictions(input, input.Execution),
        ["features-fp16"] = HalfFeatures,
        ["predictions-fp16"] = input => Predictions(input, input.Half),
        ["y-tuning"] = input => References.FiveSteps("y-tuning", input.Execution),
        ["lora"] = input => References.FiveSteps("lora", input.Execution),
        ["training"] = Training,
        ["memory"] = Memory,
    };

    static CheckResult Features(CheckInput input) => Features(input, input.Execution, "float32", 5e-4);

    static CheckResult HalfFeatures(CheckInput input) => Features(input, input.Half, "float16", 2e-2);

    /// <summary>Hidden states of real mails, here and on the processor in float32.</summary>
    static CheckResult Features(CheckInput input, ExecutionOptions execution, string precision, double limit)
    {
        var tokens = MailCorpus.Subset(input.Mails.Test, input.Quick ? 8 : 128).Select(m => input.Backbone.Read(m, 128)).ToArray();
        using var device = new FrozenEncoder(input.Backbone, execution);
        using var processor = new FrozenEncoder(input.Backbone, input.Processor);
        var worst = 0.0;
        foreach (var batch in tokens.Chunk(8))
        {
            float[] here = [], there = [];
            device.Run(batch, (hidden, _) => here = hidden.ToArray());
            processor.Run(batch, (hidden, _) => there = hidden.ToArray());
            worst = Math.Max(worst, here.Zip(there, (a, b) => Math.Abs((double)a - b)).Max());
        }
        return new CheckResult($"hidden states of {tokens.Length} mails, absolute, {precision}", worst, limit);
    }

    /// <summary>Answers of a probe trained on the processor.</summary>
    static CheckResult Predictions(CheckInput input, ExecutionOptions execution)
    {
        var folder = Directory.CreateTempSubdirectory("ortpeft-gpu-");
        try
        {
            var train = MailCorpus.Subset(input.Mails.Train, input.Quick ? 60 : 600);
            var test = MailCorpus.Subset(input.Mails.Test, input.Quick ? 20 : 400);
            Tuner.For(input.Backbone).With(new LdaOptions()).With(input.Processor).CacheIn(Path.Combine(folder.FullName, "features"))
                .FitAsync(train).GetAwaiter().GetResult().Save(folder.FullName);
            using var device = Predictor.Load(folder.FullName, execution: execution);
            using var processor = Predictor.Load(folder.FullName, execution: input.Processor);
            var others = device.Predict(test).Zip(processor.Predict(test), (a, b) => a.Label == b.Label ? 0 : 1).Sum();
            return new CheckResult($"other labels among {test.Count} mails", others, 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Losses of a LoRA training, here and on the processor.</summary>
    static CheckResult Training(CheckInput input)
    {
        var steps = input.Quick ? 3 : 100;
        var here = Losses(input, input.Execution, steps, _ => { });
        var there = Losses(input, input.Processor, steps, _ => { });
        return new CheckResult($"losses of {steps} steps of LoRA, absolute", here.Zip(there, (a, b) => Math.Abs((double)a - b)).Max(), 1e-2);
    }

    /// <summary>The process after many steps against after some.</summary>
    static CheckResult Memory(CheckInput input)
    {
        var (steps, from) = input.Quick ? (6, 3) : (2000, 200);
        var (before, after) = (0L, 0L);
        Losses(input, input.Execution, steps, step =>
        {
            if (step == from)
                before = Used();
            else if (step == steps)
                after = Used();
        });
        return new CheckResult($"growth of memory from step {from} to {steps}, as a part of it", (double)(after - before) / before, input.Quick ? 1 : 0.05);

        static long Used()
        {
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    static float[] Losses(CheckInput input, ExecutionOptions execution, int steps, Action<int> after)
    {
        const int Rows = 8;
        var task = new ClassificationTask(["ham", "spam"]);
        var method = new LoraOptions();
        var tunable = method.Apply(input.Backbone, task, seed: 0);
        var options = new TrainingOptions { BatchSize = Rows }.Resolve(method.Defaults(1000));
        var mails = MailCorpus.Subset(input.Mails.Train, 64).ToArray();
        var labels = mails.Select(m => m.Label).Distinct().Order().ToArray();
        using var engine = new GraphEngine(tunable, input.Backbone.Hidden, task.Outputs, options, execution);
        var losses = new float[steps];
        for (var step = 0; step < steps; step++)
        {
            Example[] rows = [.. Enumerable.Range(0, Rows).Select(i => mails[(step * Rows + i) % mails.Length])];
            using var batch = new EncodedBatch(input.Backbone, tunable.Encoder!, [.. Enumerable.Range(0, Rows)], [.. rows.Select(m => input.Backbone.Read(m, 64))]);
            for (var i = 0; i < Rows; i++)
                batch.Targets.Classes[i] = rows[i].Label == labels[0] ? 0 : 1;
            losses[step] = engine.Train(batch, 1e-4);
            after(step + 1);
        }
        return losses;
    }
}
