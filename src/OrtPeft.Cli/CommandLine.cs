using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;

namespace OrtPeft;

/// <summary>The tool: verbs, exit codes, Ctrl-C.</summary>
static class CommandLine
{
    internal const int Done = 0;
    internal const int Failed = 1;
    internal const int WrongInput = 2;
    internal const int CheckFailed = 3;
    internal const int Interrupted = 130;

    internal static async Task<int> RunAsync(string[] args)
    {
        var root = Root();
        var verbose = args.Contains(CommonOptions.Verbose.Name);
        var verb = "";
        try
        {
            // A text may begin with '@': no response files.
            var parsed = root.Parse(RunFile.Expand(args.Length == 0 ? ["--help"] : args, root), new ParserConfiguration { ResponseFileTokenReplacer = null });
            verb = parsed.CommandResult.Command.Name;
            if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
                return await Say(UsageError.Describe(parsed), WrongInput).ConfigureAwait(false);
            using var interruption = new Interruption();
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"Interrupted. {AfterInterruption(verb)}").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception e) when (Unwrap(e) is OrtPeftException or UnauthorizedAccessException or IOException)
        {
            return await Say(verbose ? e.ToString() : Unwrap(e).Message, WrongInput).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return await Say(verbose ? e.ToString() : $"{Unwrap(e).Message.Split('\n')[0]} (--verbose shows where.)", Failed).ConfigureAwait(false);
        }
    }

    static Verb Root() =>
        new("ortpeft", "Adapts a frozen, pretrained ONNX model to your own task: cached features, small trained heads, no Python.", """
            Begin with:
              ortpeft demo
              ortpeft train --model MODEL --train mails.jsonl --out adapters/mails
              ortpeft predict adapters/mails --text "You have won a prize"
            """)
        {
            new HelpOption { Action = new HelpWithExamples(), Recursive = true },
            new VersionOption(),
            DemoVerb.Command(), InspectVerb.Command(), TokenizeVerb.Command(), CacheVerb.Command(), QuantizeVerb.Command(), CompileVerb.Command(), PlanVerb.Command(), TrainVerb.Command(), EvalVerb.Command(), CompareVerb.Command(),
            SearchVerb.Command(), PredictVerb.Command(), ExportVerb.Command(), ImportVerb.Command(), MergeVerb.Command(), MixVerb.Command(), BenchVerb.Command(),
        };

    static string AfterInterruption(string verb) => verb switch
    {
        "train" => "Finished features and epochs are kept: run the same command again with --resume to go on.",
        "cache" or "demo" => "What was finished is kept: run the same command again to go on.",
        _ => "Nothing was written.",
    };

    static async Task<int> Say(string message, int code)
    {
        await Console.Error.WriteLineAsync($"error: {message}").ConfigureAwait(false);
        return code;
    }

    /// <summary>Parallel loops wrap what went wrong.</summary>
    static Exception Unwrap(Exception e) => e is AggregateException { InnerExceptions: [var inner, ..] } ? Unwrap(inner) : e;

    /// <summary>The first Ctrl-C or SIGTERM asks the work to stop; the second ends the process at once.</summary>
    sealed class Interruption : IDisposable
    {
        readonly CancellationTokenSource _source = new();
        readonly PosixSignalRegistration[] _registrations;

        internal Interruption() => _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];

        internal CancellationToken Token => _source.Token;

        void Handle(PosixSignalContext context)
        {
            if (_source.IsCancellationRequested)
            {
                Output.ShowCursor();
                return;
            }
            context.Cancel = true;
            _source.Cancel();
        }

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _source.Dispose();
        }
    }
}
