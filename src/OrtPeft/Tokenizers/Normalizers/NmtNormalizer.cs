namespace OrtPeft;

/// <summary>SentencePiece's clean-up for machine translation: some control characters go, unusual spaces become ordinary ones.</summary>
sealed class NmtNormalizer : Normalizer
{
    internal override void Apply(in AlignedView source, AlignedText target, Scratch scratch)
    {
        for (var i = 0; i < source.Text.Length; i++)
        {
            switch (source.Text[i])
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F':
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD':
                    target.Add(' ', source.Origin(i, i + 1));
                    break;
                default:
                    target.Add(source, i, i + 1);
                    break;
            }
        }
    }
}
