namespace OrtPeft;

/// <summary>
/// Reads spans from tags in IOB1, IOB2 (BIO) or BIOES (S- single, E- end) exactly as the conlleval script of CoNLL-2000 and 2003 does, which forgives
/// wrong sequences: an I- after O, or after another kind, begins a span.
/// </summary>
static class TagSpans
{
    /// <summary>Whether tags mark spans: each is O or a kind behind B-, I-, E- or S-.</summary>
    internal static bool AreMarked(IEnumerable<string> tags)
    {
        var any = false;
        foreach (var tag in tags)
        {
            if (tag == "O")
                continue;
            if (tag is not ['B' or 'I' or 'E' or 'S', '-', _, ..])
                return false;
            any = true;
        }
        return any;
    }

    internal static List<TagSpan> Of(IReadOnlyList<string> tags)
    {
        var spans = new List<TagSpan>();
        var (start, kind, before) = (-1, "", 'O');
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? tags[i] : "O";
            var (mark, of) = tag == "O" ? ('O', "") : (tag[0], tag[2..]);
            var begins = mark is 'B' or 'S' || (mark != 'O' && (before is 'O' or 'E' or 'S' || of != kind));
            if (start >= 0 && (begins || mark == 'O'))
            {
                spans.Add(new TagSpan(kind, start, i));
                start = -1;
            }
            if (begins)
                start = i;
            (kind, before) = (of, mark);
        }
        return spans;
    }

    /// <summary>What breaks the rules of BIO, or of BIOES where there are E- or S- tags: place and reason; null when nothing does.</summary>
    internal static (int Word, string Problem)? FirstFault(IReadOnlyList<string> tags, bool bioes)
    {
        var (before, kind) = ('O', "");
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? tags[i] : "O";
            var (mark, of) = tag == "O" ? ('O', "") : (tag[0], tag[2..]);
            var goesOn = mark is 'I' or 'E';
            var open = before is 'B' or 'I';
            if (goesOn && !(open && of == kind))
                return (i, $"{tag} does not continue a span of its kind");
            if (bioes && open && !goesOn)
                return (Math.Min(i, tags.Count - 1), $"the span before ends without E-{kind}");
            (before, kind) = (mark, of);
        }
        return null;
    }
}
