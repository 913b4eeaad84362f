using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace OrtPeft;

/// <summary>`ortpeft cache verify`: is what the cache holds right?</summary>
static class CacheVerifyVerb
{
    static readonly Option<int> Texts = new("--texts") { Description = "Texts to compute anew.", HelpName = "N", DefaultValueFactory = _ => 100 };

    internal static Command Command()
    {
        var command = CommonOptions.Verb("verify", "Compares every shard with its checksum, and a random sample of it with the live backbone. Exit code 3 when it does not hold.", """
            Example:
              ortpeft cache verify --model onnx-models/all-minilm-l6-v2 --data mails.jsonl --out features
            """,
            CacheVerb.Model, CacheVerb.Data, CacheVerb.Out, Texts, CommonOptions.Seed, CommonOptions.At, CommonOptions.Keep, CommonOptions.Tokenizer, CommonOptions.MaxLength, CommonOptions.DType,
            CommonOptions.Text, CommonOptions.TextPair, CommonOptions.Image, CommonOptions.White, CommonOptions.SkipBad, CommonOptions.Label, CommonOptions.Id);
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = new Output(parsed);
        var backbone = Backbone.Load(parsed.GetValue(CacheVerb.Model)!, parsed.GetValue(CommonOptions.Tokenizer));
        var data = CommonOptions.Data(parsed, output, parsed.GetValue(CacheVerb.Data)!, cancellationToken);
        var result = FeatureVerification.Run(backbone, data, parsed.GetValue(CacheVerb.Out)!, CommonOptions.Features(parsed), CommonOptions.Execution(parsed),
            parsed.GetValue(Texts), parsed.GetValue(CommonOptions.Seed), cancellationToken);
        output.Result(result, console =>
        {
            foreach (var fault in result.Faults)
                console.WriteLine($"damaged: {fault}");
            foreach (var deviation in result.Deviations.Take(10))
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"differs: {deviation.Id}, {deviation.Tensor}, by {deviation.Difference:G3} of the largest value"));
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Shards} shards have {result.Faults.Count} faults; {result.Texts} texts computed anew differ by at most ") +
                string.Create(CultureInfo.InvariantCulture, $"{result.LargestDifference:G3} of their largest value (allowed: {result.Tolerance:G3})."));
        });
        if (result.Holds)
            return CommandLine.Done;
        Console.Error.WriteLine(result.Faults.Count > 0 ? "error: the cache is damaged. Run the caching job again; it computes what is needed."
            : result.Texts == 0 ? "error: no shard of the cache consists of texts of these data; nothing could be compared."
            : "error: the cache does not hold what the backbone computes. Delete it and run the caching job again.");
        return CommandLine.CheckFailed;
    }
}
