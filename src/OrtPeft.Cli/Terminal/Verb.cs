using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrtPeft;

/// <summary>A command whose help ends in something to type.</summary>
sealed class Verb(string name, string description, string examples) : Command(name, description)
{
    internal string Examples => examples;
}

/// <summary>Help with the verb's examples below it.</summary>
sealed class HelpWithExamples : SynchronousCommandLineAction
{
    readonly HelpAction _help = new();

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
            parseResult.InvocationConfiguration.Output.WriteLine(verb.Examples);
        return code;
    }
}
