using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrtPeft;

/// <summary>What one pass over all texts took, and what tells whether two passes gave the same ids.</summary>
readonly record struct TokenizedTexts(double Seconds, long Count, uint Hash);

/// <summary>
/// The Hugging Face library in Rust, npm `tokenizers`, in a Node process of its own that waits between passes. It and the script that drives it
/// are in the repository's export-tools; the package is installed when it is first needed.
/// </summary>
sealed class ReferenceTokenizer : IDisposable
{
    readonly Process _process;

    ReferenceTokenizer(Process process) => _process = process;

    /// <summary>Starts it on a tokenizer file and a JSON list of texts.</summary>
    /// <exception cref="OrtPeftException">It did not start.</exception>
    internal static ReferenceTokenizer Start(string toolFolder, string tokenizer, string texts, int threads)
    {
        var start = new ProcessStartInfo("node", ["--expose-gc", Path.Combine(toolFolder, "speed.mjs"), tokenizer, texts]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["RAYON_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["TOKENIZERS_PARALLELISM"] = threads > 1 ? "true" : "false";
        return new(Run(start));
    }

    /// <summary>One pass over all texts.</summary>
    /// <exception cref="OrtPeftException">It ended without an answer.</exception>
    internal TokenizedTexts Encode()
    {
        try
        {
            _process.StandardInput.WriteLine("go");
            _process.StandardInput.Flush();
            var answer = _process.StandardOutput.ReadLine() ?? throw new OrtPeftException("The reference library ended without an answer.");
            return JsonSerializer.Deserialize<TokenizedTexts>(answer, Json.Compact);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new OrtPeftException($"The reference library did not answer: {e.Message}", e);
        }
    }

    /// <summary>Installs the npm package if need be; null when it is there, otherwise why not.</summary>
    internal static string? Install(string repository, string toolFolder, bool onlyLook)
    {
        if (Directory.Exists(Path.Combine(toolFolder, "node_modules", "tokenizers")))
            return null;
        if (onlyLook)
            return "npm `tokenizers` is not installed yet; without --quick it is";
        try
        {
            using var install = Run(new("node", [Path.Combine(repository, "src", "npm-install.mjs"), toolFolder]) { RedirectStandardOutput = true });
            var said = install.StandardOutput.ReadToEnd();
            install.WaitForExit();
            return install.ExitCode == 0 ? null : said.Trim();
        }
        catch (OrtPeftException e)
        {
            return e.Message;
        }
    }

    public void Dispose()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
        _process.Dispose();
    }

    static Process Run(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OrtPeftException("Node.js was not found", e);
        }
    }
}
