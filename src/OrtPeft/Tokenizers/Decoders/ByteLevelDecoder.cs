using System.Text;

namespace OrtPeft;

/// <summary>From GPT-2's byte alphabet to text. Tokens with other characters (added ones) stand for themselves; bad UTF-8 becomes U+FFFD.</summary>
sealed class ByteLevelDecoder : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
            bytes.AddRange(BytesOf(token) ?? Encoding.UTF8.GetBytes(token));
        return [Encoding.UTF8.GetString([.. bytes])];
    }

    static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (ByteAlphabet.ByteOf(token[i]) is not (>= 0 and var b))
                return null;
            bytes[i] = (byte)b;
        }
        return bytes;
    }
}
