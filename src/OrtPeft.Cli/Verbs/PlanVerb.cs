using System.CommandLine;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft plan`: what `train` would do and cost.</summary>
static class PlanVerb
{
    internal static Command Command()
    {
        var command = CommonOptions.Verb("plan", "Says what a training would do and cost: what is cached, what is trained, time and memory. Writes nothing.", """
            Examples:
              ortpeft plan --model onnx-models/all-minilm-l6-v2 --method lora --train train.jsonl --dev dev.jsonl
              ortpeft plan --model onnx-models/all-minilm-l6-v2 --method lora --set layers=2 --train train.jsonl
            """, [.. TrainVerb.Shared]);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var (tuner, train, dev) = TrainVerb.Tuner(parsed, output, TrainVerb.MethodOf(parsed), cancellationToken);
        var plan = await tuner.PlanAsync(train, dev, cancellationToken).ConfigureAwait(false);
        output.Result(plan, console =>
        {
            var table = new Table().HideHeaders().NoBorder().AddColumns("", "");
            table.AddRow("method", Markup.Escape($"{plan.Method}, {plan.Task}"));
            table.AddRow("trained", $"{Measures.Count(plan.TrainableParameters)} values, {FormattableString.Invariant($"{plan.TrainablePercent:0.###}")} % of the backbone's");
            table.AddRow("begins at", Markup.Escape(string.Join(", ", plan.Frontier)));
            table.AddRow("cached", plan.CacheBytes == 0
                ? "nothing: the method reaches the whole backbone, so every step runs all of it"
                : $"{Measures.Bytes(plan.CacheBytes)} for {Measures.Count(plan.Tokens)} tokens, about {Measures.Seconds(plan.CacheSeconds)}; {Measures.Count(plan.ForwardPassesSaved)} forward passes saved");
            table.AddRow("training", plan.Steps == 0
                ? "solved at once"
                : $"{Measures.Count(plan.Epochs, "epoch")}, {Measures.Count(plan.Steps, "step")} of {FormattableString.Invariant($"{1000 * plan.StepSeconds:0.#}")} ms, about {Measures.Seconds(plan.TrainSeconds)}");
            table.AddRow("memory", $"{Measures.Bytes(plan.MemoryBytes)} after one step");
            table.AddRow("advice", Markup.Escape($"{plan.Advice.Method}: {plan.Advice.Reason}"));
            console.Write(table);
        });
        return CommandLine.Done;
    }
}
