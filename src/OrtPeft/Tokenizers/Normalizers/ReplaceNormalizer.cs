namespace OrtPeft;

/// <summary>Replaces every occurrence of a text or pattern.</summary>
sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    internal static ReplaceNormalizer Read(JsonPart json) => new(TextPattern.Read(json["pattern"]), json.Text("content"));

    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        var position = 0;
        foreach (var match in pattern.Find(source.Text, scratch.Matches))
        {
            target.Add(source, position, match.Start);
            // What is written stands for the last character replaced.
            var origin = match.End == 0 ? new(source.Base, source.Base) : LastCharacter(source, match.End);
            foreach (var c in content)
                target.Add(c, origin);
            position = match.End;
        }
        target.Add(source, position, source.Text.Length);
    }

    static TextSpan LastCharacter(in AlignedView source, int end) =>
        source.Origin(end - CodePoints.LengthOf(CodePoints.Before(source.Text, end)), end);
}
