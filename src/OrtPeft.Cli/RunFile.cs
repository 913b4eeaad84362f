using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>`run.json`: every option of a run by name. `--config run.json` repeats it; options on the command line win.</summary>
static class RunFile
{
    internal const string FileName = "run.json";

    /// <summary>Puts the options that `--config FILE` holds before those on the command line, except those given there.</summary>
    internal static string[] Expand(string[] args, Command root)
    {
        var config = CommonOptions.Config.Name;
        var at = Array.FindIndex(args, a => a == config || a.StartsWith(config + "=", StringComparison.Ordinal));
        if (at <= 0 || root.Subcommands.FirstOrDefault(c => c.Name == args[0]) is not { } verb)
            return args;
        var joined = args[at] != config;
        if (!joined && at + 1 == args.Length)
            throw new OrtPeftException($"{config} needs a file: the run.json of an earlier run.");
        var path = joined ? args[at][(config.Length + 1)..] : args[at + 1];
        var given = args[1..at].Concat(args[(joined ? at + 1 : at + 2)..]).ToArray();
        return [args[0], .. Options(path, verb, given), .. given];
    }

    /// <summary>Writes the options of a run.</summary>
    internal static void Write(string folder, IEnumerable<(string Option, object? Value)> options)
    {
        var json = new JsonObject();
        foreach (var (option, value) in options.Where(o => o.Value is not null))
            json[option.TrimStart('-')] = JsonSerializer.SerializeToNode(value, Json.Compact);
        Json.Write(Path.Combine(folder, FileName), json);
    }

    static IEnumerable<string> Options(string path, Command verb, string[] given)
    {
        foreach (var (name, value) in Json.Read<JsonObject>(path, "Run file", "Expected a JSON object of options, such as the run.json of a training."))
        {
            var option = "--" + name;
            if (verb.Options.All(o => o.Name != option))
                throw new OrtPeftException($"Run file '{path}': '{name}' is no option of {verb.Name}. `ortpeft {verb.Name} --help` lists what there is.");
            if (!IsKept(option, given))
                continue;
            foreach (var item in value is JsonArray list ? list.AsEnumerable() : [value])
            {
                if (item is not null)
                    yield return $"{option}={Text(path, item)}";
            }
        }
    }

    /// <summary>Method options add up one by one, unless they are another method's.</summary>
    static bool IsKept(string option, string[] given) => option == TrainVerb.Set.Name ? !IsGiven(TrainVerb.Method.Name, given) : !IsGiven(option, given);

    static bool IsGiven(string option, string[] given) => given.Any(g => g == option || g.StartsWith(option + "=", StringComparison.Ordinal));

    static string Text(string path, JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.ToJsonString(),
        _ => throw new OrtPeftException($"Run file '{path}': '{value.ToJsonString()}' is neither text, number, true, false nor a list of these."),
    };
}
