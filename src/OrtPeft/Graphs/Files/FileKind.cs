namespace OrtPeft.Graphs.Files;

/// <summary>Recognises files that people take for ONNX models, so that the message can say what they are.</summary>
static class FileKind
{
    internal static void Check(ProtoReader reader, string name)
    {
        var head = reader.Peek(8);
        var kind = head switch
        {
            [(byte)'P', (byte)'K', 3 or 5, ..] => "a zip archive (perhaps a PyTorch checkpoint); unpack it or export it to ONNX first",
            [0x1F, 0x8B, ..] => "a gzip archive; unpack it first",
            [0x80, >= 2 and <= 5, ..] => "a Python pickle; export the model to ONNX first",
            [(byte)'G', (byte)'G', (byte)'U', (byte)'F', ..] => "a GGUF file, which ONNX Runtime does not read",
            [(byte)'v', (byte)'e', (byte)'r', (byte)'s', (byte)'i', (byte)'o', (byte)'n', ..] =>
                "a Git LFS pointer; run 'git lfs pull' to fetch the model itself",
            [_, _, _, _, (byte)'O', (byte)'R', (byte)'T', (byte)'M', ..] => "an ORT format model; export it as .onnx",
            _ when head.Length == 8 && head.All(b => b is >= 0x20 and < 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t') => "readable text",
            _ => null,
        };
        if (kind is not null)
            throw new OnnxException($"'{name}' is no ONNX model but {kind}.");
    }
}
