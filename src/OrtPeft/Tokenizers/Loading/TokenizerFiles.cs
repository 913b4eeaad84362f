namespace OrtPeft;

/// <summary>Finds the files of a tokenizer and chooses how to read them: tokenizer.json if there is one, older files otherwise.</summary>
static class TokenizerFiles
{
    static readonly (string File, Func<TokenizerFolder, string, TokenizerParts> Read)[] OlderFiles =
    [
        ("vocab.txt", VocabTxt.Read),
        ("vocab.json", VocabAndMerges.Read),
        ("spiece.model", SentencePieceFile.Read),
        ("spm.model", SentencePieceFile.Read),
        ("sentencepiece.bpe.model", SentencePieceFile.Read),
        ("tokenizer.model", SentencePieceFile.Read),
    ];

    static readonly string[] Names = ["tokenizer.json", .. OlderFiles.Select(f => f.File)];

    /// <summary>Whether the folder holds a tokenizer of any kind.</summary>
    internal static bool IsIn(string folder) => Names.Any(name => File.Exists(Path.Combine(folder, name)));

    internal static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = new TokenizerFolder(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!);
        var file = Directory.Exists(path) ? Choose(folder) : Path.GetFileName(path);
        var read = OlderFiles.FirstOrDefault(f => f.File == file).Read ?? ReadJson;
        var parts = read(folder, file);
        return new(parts, folder.Sha256());
    }

    static TokenizerParts ReadJson(TokenizerFolder folder, string file) => TokenizerJson.Read(folder.Read(file), folder.PathOf(file));

    static string Choose(TokenizerFolder folder) => Names.FirstOrDefault(folder.Has)
        ?? throw new OrtPeftException($"'{folder.PathOf("")}' contains no tokenizer; expected one of {string.Join(", ", Names)}.");
}
