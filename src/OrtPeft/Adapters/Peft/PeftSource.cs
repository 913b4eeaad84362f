using System.Globalization;

namespace OrtPeft;

/// <summary>A folder of peft's and the backbone that it is for.</summary>
sealed record PeftSource(PeftConfig Config, PeftFile File, ModuleNames Names, Backbone Backbone)
{
    /// <summary>A module of the backbone that the file has a tensor of.</summary>
    internal readonly record struct Site(string Name, SafetensorsEntry Entry)
    {
        internal string Role => Name.Split('.', 3)[2];

        internal int Layer => LayerOf(Name);
    }

    static int LayerOf(string site) => int.Parse(site.Split('.', 3)[1], CultureInfo.InvariantCulture);

    /// <summary>The linear layers whose module has a tensor with that end, in the order of the graph.</summary>
    internal IReadOnlyList<Site> SitesWith(string end)
    {
        Site[] sites = [.. InLayers.Select(site => (site, Entry: File.Find(Names.Paths[site] + end))).Where(s => s.Entry is not null).Select(s => new Site(s.site, s.Entry!))];
        return sites.Length > 0 ? sites : throw File.Refused($"it has no '{end}' of a module that '{Backbone.Name}' (family {Backbone.Family}) has. Is it for another model?");
    }

    /// <summary>The roles of some modules, as an option takes them.</summary>
    internal static string RolesOf(IEnumerable<Site> sites)
    {
        var roles = sites.Select(s => s.Role).ToHashSet();
        return string.Join(',', EncoderRoles.Parse("", "all").Where(roles.Contains).Select(EncoderRoles.Short));
    }

    /// <summary>How many of the last layers have a module among <paramref name="sites"/>; 0 for all.</summary>
    internal int LastLayers(IEnumerable<Site> sites)
    {
        var first = sites.Min(s => s.Layer);
        return first == 0 ? 0 : 1 + InLayers.Max(LayerOf) - first;
    }

    IEnumerable<string> InLayers => Names.Paths.Keys.Where(site => site.StartsWith("layer.", StringComparison.Ordinal));
}
