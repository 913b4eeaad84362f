namespace OrtPeft;

/// <summary>All post-processors by the name that tokenizer.json gives them.</summary>
static class PostProcessors
{
    internal static readonly ComponentTable<PostProcessor> Table = new("post-processor")
    {
        ["BertProcessing"] = BertProcessing.Read,
        ["ByteLevel"] = ReadByteLevel,
        ["RobertaProcessing"] = RobertaProcessing.Read,
        ["Sequence"] = SequenceProcessing.Read,
        ["TemplateProcessing"] = TemplateProcessing.Read,
    };

    static PostProcessor ReadByteLevel(JsonPart json) =>
        json.Boolean("trim_offsets") ? new() { Trim = new(json.Boolean("add_prefix_space")) } : PostProcessor.None;
}
