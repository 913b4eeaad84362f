namespace OrtPeft;

/// <summary>One tensor of a safetensors file: where it lies, in bytes from the start of the file.</summary>
sealed record SafetensorsEntry(string Name, string DType, long[] Shape, long Offset, long Length)
{
    /// <summary>Bytes per element of the dtypes of the format, by its names.</summary>
    internal static readonly IReadOnlyDictionary<string, int> ElementSizes = new Dictionary<string, int>
    {
        ["BOOL"] = 1,
        ["U8"] = 1,
        ["I8"] = 1,
        ["F8_E4M3"] = 1,
        ["F8_E5M2"] = 1,
        ["U16"] = 2,
        ["I16"] = 2,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["U32"] = 4,
        ["I32"] = 4,
        ["F32"] = 4,
        ["U64"] = 8,
        ["I64"] = 8,
        ["F64"] = 8,
    };
}
