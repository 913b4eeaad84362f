namespace OrtPeft;

/// <summary>For speech models: equal neighbours count once, the blank token goes away, the word delimiter becomes a space.</summary>
sealed class CtcDecoder(string blank, string delimiter, bool cleanup) : Decoder
{
    internal static CtcDecoder Read(JsonPart json) => new(json.Text("pad_token"), json.Text("word_delimiter_token"), json.Boolean("cleanup"));

    internal override List<string> Apply(List<string> tokens)
    {
        var result = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
                continue;
            var text = Replace(tokens[i], blank, "");
            if (cleanup)
                text = Replace(WordPieceDecoder.Cleanup(text), delimiter, " ");
            if (text.Length > 0)
                result.Add(text);
        }
        return result;
    }

    static string Replace(string text, string what, string by) => what.Length == 0 ? text : text.Replace(what, by, StringComparison.Ordinal);
}
