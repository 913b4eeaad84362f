namespace OrtPeft;

/// <summary>How the components of one kind are read from JSON, by the name in their "type".</summary>
sealed class ComponentTable<T>(string kind)
    where T : class
{
    readonly Dictionary<string, Func<JsonPart, T>> _readers = [];

    internal Func<JsonPart, T> this[string type]
    {
        set => _readers[type] = value;
    }

    internal IEnumerable<string> Types => _readers.Keys;

    /// <summary>Reads a component; null where the file has none.</summary>
    internal T? ReadOptional(JsonPart json) => json.IsNull ? null : Read(json);

    internal T Read(JsonPart json)
    {
        var type = json.Text("type");
        return _readers.TryGetValue(type, out var read)
            ? read(json)
            : throw json["type"].Error($"is '{type}', which is no known {kind}; known are {string.Join(", ", _readers.Keys.Order())}");
    }
}
