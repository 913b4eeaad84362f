namespace OrtPeft;

/// <summary>The `model.safetensors` beside an ONNX file, which Hugging Face's folders have.</summary>
static class PyTorchWeights
{
    /// <summary>The values of the tensor whose key ends so; null when there is no such file or tensor.</summary>
    /// <exception cref="OrtPeftException">It has another shape.</exception>
    internal static float[]? Find(Backbone backbone, string key, params long[] shape)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(backbone.ModelPath))!, "model.safetensors");
        if (!File.Exists(path))
            return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Tensors.Values.FirstOrDefault(t => $".{t.Name}".EndsWith($".{key}", StringComparison.Ordinal)) is not { } tensor)
            return null;
        return tensor.Shape.SequenceEqual(shape)
            ? file.ReadSingles(tensor.Name)
            : throw new OrtPeftException($"'{path}': tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; '{backbone.Name}' needs [{string.Join(", ", shape)}]. It belongs to another model.");
    }
}
