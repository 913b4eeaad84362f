namespace OrtPeft;

/// <summary>Several adapters of one backbone, one tokenizer and one longest text, each under the name of its folder.</summary>
sealed record AdapterSet(IReadOnlyList<string> Names, IReadOnlyList<Adapter> Adapters, Backbone Backbone)
{
    /// <summary>Tokens after which a text is cut off.</summary>
    internal int MaxLength => Adapters[0].Info.MaxLength;

    /// <summary>Loads adapters and the backbone they belong to: at <paramref name="model"/>, or where it was when the first one was trained.</summary>
    /// <exception cref="OrtPeftException">One is damaged, they are not of one backbone and length, or two have the same name.</exception>
    internal static AdapterSet Load(IReadOnlyList<string> folders, string? model)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentOutOfRangeException.ThrowIfZero(folders.Count);
        var adapters = folders.Select(Adapter.Load).ToArray();
        string[] names = [.. folders.Select(folder => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))];
        if (names.Distinct().Count() < names.Length)
            throw new OrtPeftException($"Two of the adapters are called {DataError.Quote(names.GroupBy(n => n).First(g => g.Count() > 1).Key)}; their folders need different names to tell the answers apart.");
        for (var i = 1; i < adapters.Length; i++)
        {
            var (first, other) = (adapters[0].Info, adapters[i].Info);
            if (other.Backbone.Sha256 != first.Backbone.Sha256 || other.Tokenizer != first.Tokenizer)
                throw new OrtPeftException($"The adapters '{folders[0]}' and '{folders[i]}' belong to different backbones ('{first.Backbone.Name}' and '{other.Backbone.Name}'), so they cannot answer in one pass. Ask them one after the other.");
            if (other.MaxLength != first.MaxLength)
                throw new OrtPeftException($"The adapters '{folders[0]}' and '{folders[i]}' were trained with {first.MaxLength} and {other.MaxLength} tokens at most, so they cannot answer in one pass. Train them with the same --max-length.");
        }
        return new AdapterSet(names, adapters, adapters[0].OpenBackbone(folders[0], model));
    }
}
