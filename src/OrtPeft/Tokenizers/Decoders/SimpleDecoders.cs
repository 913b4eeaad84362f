using System.Text;

namespace OrtPeft;

/// <summary>Decoders that fit into a line or two.</summary>
static class SimpleDecoders
{
    /// <summary>Joins all tokens to one, so that a decoder behind it sees the whole text.</summary>
    internal sealed class Fuse : Decoder
    {
        internal override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
    }

    /// <summary>The suffix that ends a word becomes a space, at the end of the text nothing.</summary>
    internal static Decoder ReadBpe(JsonPart json)
    {
        var suffix = json.Text("suffix");
        return new TokenDecoder((token, index, count) =>
            suffix.Length == 0 ? token : token.Replace(suffix, index == count - 1 ? "" : " ", StringComparison.Ordinal));
    }

    /// <summary>Visible spaces become spaces; those of the first token were put there by the pre-tokenizer.</summary>
    internal static Decoder ReadMetaspace(JsonPart json) => Metaspace(
        char.ConvertFromUtf32(MetaspacePreTokenizer.ReadReplacement(json)), MetaspacePreTokenizer.ReadScheme(json) != PrependScheme.Never);

    internal static Decoder Metaspace(string visible, bool prepended) =>
        new TokenDecoder((token, index, _) => token.Replace(visible, index == 0 && prepended ? "" : " ", StringComparison.Ordinal));

    internal static Decoder ReadReplace(JsonPart json)
    {
        var (pattern, content) = (TextPattern.Read(json["pattern"]), json.Text("content"));
        return new TokenDecoder(token =>
        {
            var (result, position) = (new StringBuilder(), 0);
            foreach (var match in pattern.Find(token, []))
            {
                result.Append(token, position, match.Start - position).Append(content);
                position = match.End;
            }
            return result.Append(token, position, token.Length - position).ToString();
        });
    }

    /// <summary>Takes up to a number of a character from each end of every token.</summary>
    internal static Decoder ReadStrip(JsonPart json)
    {
        var content = json.Text("content");
        if (content.Length == 0)
            throw json["content"].Error("must be one character");
        var (left, right) = (json.Natural("start"), json.Natural("stop"));
        return new TokenDecoder(token =>
        {
            var (start, end) = (0, token.Length);
            for (var i = 0; i < left && token.AsSpan(start, end - start).StartsWith(content, StringComparison.Ordinal); i++)
                start += content.Length;
            for (var i = 0; i < right && token.AsSpan(start, end - start).EndsWith(content, StringComparison.Ordinal); i++)
                end -= content.Length;
            return token[start..end];
        });
    }
}
