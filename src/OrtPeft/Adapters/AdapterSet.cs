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
        string[] names = [.. folders.Select(NameOf)];
        for (var i = 1; i < adapters.Length; i++)
            Check(names[..i], adapters[0].Info, folders[0], adapters[i].Info, folders[i]);
        return new AdapterSet(names, adapters, adapters[0].OpenBackbone(folders[0], model));
    }

    /// <summary>The set with one more adapter.</summary>
    /// <exception cref="OrtPeftException">It is damaged, or does not fit the others.</exception>
    internal AdapterSet With(string folder)
    {
        var adapter = Adapter.Load(folder);
        Check(Names, Adapters[0].Info, Names[0], adapter.Info, folder);
        return new AdapterSet([.. Names, NameOf(folder)], [.. Adapters, adapter], Backbone);
    }

    static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    static void Check(IReadOnlyList<string> names, AdapterInfo first, string firstFolder, AdapterInfo other, string folder)
    {
        if (names.Contains(NameOf(folder)))
            throw new OrtPeftException($"Two of the adapters are called {DataError.Quote(NameOf(folder))}; their folders need different names to tell the answers apart.");
        if (other.Backbone.Sha256 != first.Backbone.Sha256 || other.Tokenizer != first.Tokenizer)
            throw new OrtPeftException($"The adapters '{firstFolder}' and '{folder}' belong to different backbones ('{first.Backbone.Name}' and '{other.Backbone.Name}'), so they cannot answer in one pass. Ask them one after the other.");
        if (other.MaxLength != first.MaxLength)
            throw new OrtPeftException($"The adapters '{firstFolder}' and '{folder}' were trained with {first.MaxLength} and {other.MaxLength} tokens at most, so they cannot answer in one pass. Train them with the same --max-length.");
    }
}
