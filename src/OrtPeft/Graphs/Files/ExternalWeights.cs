namespace OrtPeft.Graphs.Files;

/// <summary>Decides, when a model is saved, which weights are external data and where they lie.</summary>
sealed class ExternalWeights
{
    /// <summary>Weights are aligned so that they can be mapped into memory.</summary>
    const long Alignment = 4096;

    readonly string _folder;
    readonly Dictionary<TensorData, long> _moved = [];
    readonly string _newFile;

    ExternalWeights(string path)
    {
        _folder = Path.GetDirectoryName(path)!;
        _newFile = path + ".data";
    }

    /// <summary>The file that has to be written for weights that cannot stay where they are; null when there are none.</summary>
    internal string? NewFile => _moved.Count > 0 ? _newFile : null;

    internal static ExternalWeights Plan(OnnxModel model, string path, long maxInFile)
    {
        var plan = new ExternalWeights(path);
        var tensors = model.Graph.Initializers.Where(t => t.ElementType != OnnxType.String).ToList();
        var inFile = tensors.Where(t => !t.Data.IsExternal).Sum(t => t.Data.Length);
        long end = 0;
        foreach (var data in tensors.Select(t => t.Data).Distinct())
        {
            if (data.IsExternal ? plan.IsInFolder(data) : inFile <= maxInFile || data.Encoding != TensorEncoding.Raw || data.Length < Alignment)
                continue;
            plan._moved.Add(data, end);
            end = (end + data.Length + Alignment - 1) / Alignment * Alignment;
        }
        return plan;
    }

    /// <summary>Location and offset of external contents; null when the contents go into the model file.</summary>
    internal (string Location, long Offset)? Place(TensorData data)
    {
        if (_moved.TryGetValue(data, out var offset))
            return (Path.GetFileName(_newFile), offset);
        return data.IsExternal && IsInFolder(data) ? (Path.GetRelativePath(_folder, data.Path!).Replace('\\', '/'), data.Offset) : null;
    }

    internal void CopyTo(Stream stream)
    {
        foreach (var (data, offset) in _moved)
        {
            stream.SetLength(offset);
            stream.Position = offset;
            data.CopyTo(stream);
        }
    }

    bool IsInFolder(TensorData data) =>
        data.Path != _newFile && !Path.GetRelativePath(_folder, data.Path!).StartsWith("..", StringComparison.Ordinal);
}
