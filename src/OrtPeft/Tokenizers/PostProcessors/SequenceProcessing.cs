namespace OrtPeft;

/// <summary>Post-processors one after the other: trimming offsets can be combined with one that adds special tokens.</summary>
static class SequenceProcessing
{
    internal static PostProcessor Read(JsonPart json)
    {
        var result = PostProcessor.None;
        foreach (var part in json["processors"].Items())
        {
            var next = PostProcessors.Table.Read(part);
            var (changed, adds) = (!ReferenceEquals(result.Single, Template.BareSingle), !ReferenceEquals(next.Single, Template.BareSingle));
            if (changed && adds)
                throw part.Error("is the second post-processor that adds special tokens; only one can");
            if (result.Trim is not null && next.Trim is not null)
                throw part.Error("is the second post-processor that trims offsets; only one can");
            var template = adds ? next : result;
            result = template with { Trim = next.Trim ?? result.Trim };
        }
        return result;
    }
}
