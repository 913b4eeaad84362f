namespace OrtPeft;

/// <summary>Finds where the words of an example stand among its tokens.</summary>
/// <param name="Backbone">The backbone, for its tokenizer.</param>
/// <param name="MaxLength">Tokens after which a text is cut off.</param>
sealed record WordPlaces(Backbone Backbone, int MaxLength)
{
    /// <summary>The token at which each of the <see cref="Example.Tokens"/> begins; -1 for a word that was cut off or has no token.</summary>
    internal int[] Of(Example example)
    {
        var words = example.Tokens!;
        var encoding = Backbone.RequireTokenizer().Encode(example.Text, null, EncodedExample.Options(MaxLength));
        var places = new int[words.Count];
        Array.Fill(places, -1);
        var (word, start) = (0, 0);
        for (var token = 0; token < encoding.Length; token++)
        {
            if (encoding.SequenceIds[token] < 0)
                continue;
            // A token belongs to the word that holds its last character: some tokenizers count the blank before a word to it.
            var last = Math.Max(encoding.Offsets[token].Start, encoding.Offsets[token].End - 1);
            for (; word < words.Count && last >= start + words[word].Length; word++)
                start += words[word].Length + 1;
            if (word < words.Count && last >= start && places[word] < 0)
                places[word] = token;
        }
        return places;
    }
}
