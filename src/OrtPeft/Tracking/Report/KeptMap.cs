namespace OrtPeft;

/// <summary>What a search kept, layer by layer and module by module.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">How to read it.</param>
/// <param name="Cells">The cells: a layer, a module, the share that was kept, and that in words.</param>
sealed record KeptMap(string Title, string Note, IReadOnlyList<KeptCell> Cells) : FoundPicture(Title, Note)
{
    const double Left = 70, Top = 22, Width = 88, Height = 22;

    /// <summary>A map of the biases, and one of the matrices, as far as they were searched.</summary>
    internal static IEnumerable<FoundPicture> Of(SearchSpace space, Survivors kept)
    {
        var parts = space.Parts.ToLookup(p => BiasDeltas.Has(p.Name));
        if (parts[true].Any())
            yield return new KeptMap("Which biases are trained", "Share of each bias's entries that the search kept.", CellsOf(parts[true], p => BiasDeltas.ModuleOf(p.Name), kept, countUnits: false));
        if (!parts[false].Any())
            yield break;
        // Single entries are parts of a factor, components of a matrix.
        yield return parts[false].All(p => p.Tensors.Count == 2)
            ? new KeptMap("Which ranks the matrices get", $"Rank that the search kept of {parts[false].Max(p => p.Units.Length)}.", CellsOf(parts[false], p => p.Name, kept, countUnits: true))
            : new KeptMap("Which factors are trained", "Share of the entries of U and V that the search kept.", CellsOf(parts[false], p => LowRankUpdates.MatrixOf(p.Name), kept, countUnits: false));
    }

    static KeptCell[] CellsOf(IEnumerable<SearchPart> parts, Func<SearchPart, string> moduleOf, Survivors kept, bool countUnits) =>
    [
        .. from part in parts
           group part by moduleOf(part) into module
           let units = module.Sum(p => kept.Of(p.Name, p.Units.Length).Length)
           let share = (double)units / module.Sum(p => p.Units.Length)
           let name = module.Key.Split('.', 3)
           select new KeptCell($"{name[0]} {name[1]}", EncoderRoles.Short(name[2]), share, units == 0 ? "" : countUnits ? Show.Number(units) : Show.RoundPercent(share)),
    ];

    internal override Html Draw()
    {
        string[] layers = [.. Cells.Select(c => c.Layer).Distinct()];
        string[] modules = [.. Cells.Select(c => c.Module).Distinct()];
        var largest = Math.Max(1e-9, Cells.Max(c => c.Share));
        return $"""
            <p class="note">{Note}</p>
            <svg class="chart strips" viewBox="0 0 {Left + Width * modules.Length} {Top + Height * layers.Length}" role="img" aria-label="{Title}. {Note}">
            {modules.Select((name, i) => (Html)$"""<text x="{Left + Width * (i + 0.5)}" y="13" text-anchor="middle">{name}</text>""")}
            {layers.Select((name, i) => (Html)$"""<text x="{Left - 8}" y="{Top + Height * i + 15}" text-anchor="end">{name}</text>""")}
            {Cells.Select(c => Draw(c, 0.75 * c.Share / largest, Left + Width * Array.IndexOf(modules, c.Module), Top + Height * Array.IndexOf(layers, c.Layer)))}
            </svg>
            """;
    }

    static Html Draw(KeptCell cell, double shade, double x, double y) => $"""
        <rect class="right" x="{x + 1}" y="{y + 1}" width="{Width - 2}" height="{Height - 2}" fill-opacity="{shade}"><title>{cell.Layer}, {cell.Module}: {Show.Percent(cell.Share)}</title></rect>
        <rect class="frame" x="{x + 1}" y="{y + 1}" width="{Width - 2}" height="{Height - 2}"/>
        <text x="{x + Width / 2}" y="{y + 15}" text-anchor="middle">{cell.Text}</text>
        """;
}

/// <summary>What was kept of a module of a layer.</summary>
sealed record KeptCell(string Layer, string Module, double Share, string Text);
