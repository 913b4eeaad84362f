namespace OrtPeft;

/// <summary>Numbers as shades, one strip a row: scores of channels by layer, say. What was chosen is marked below its strip.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">How to read it.</param>
/// <param name="Rows">The strips, from the top.</param>
sealed record HeatMap(string Title, string Note, IReadOnlyList<HeatRow> Rows) : FoundPicture(Title, Note)
{
    const double Width = 860, Left = 130, Strip = 13, Step = 24;

    /// <summary>Cells that a screen can still show: of more columns, several share a cell, which has the darkest one's shade.</summary>
    const int MostCells = 256;

    /// <summary>Whether all rows have one scale; else the darkest cell of each row is its own largest number.</summary>
    internal bool SharedScale { get; init; }

    /// <summary>Names of the columns, where there are few; else empty.</summary>
    internal IReadOnlyList<string> Columns { get; init; } = [];

    internal override Html Draw()
    {
        var largest = Largest(Rows.SelectMany(r => r.Values));
        var (top, columns) = (Columns.Count > 0 ? 18.0 : 2.0, Rows.Max(r => r.Values.Count));
        return $"""
            <p class="note">{Note}</p>
            <svg class="chart strips" viewBox="0 0 {Width} {top + Step * Rows.Count}" role="img" aria-label="{Title}. {Note}">
            {Columns.Select((name, i) => (Html)$"""<text x="{X(i + 0.5, columns)}" y="11" text-anchor="middle">{name}</text>""")}
            {Rows.Select((row, i) => Draw(row, top + Step * i, SharedScale ? largest : Largest(row.Values)))}
            </svg>
            """;
    }

    static Html Draw(HeatRow row, double y, double largest)
    {
        var (count, per) = (row.Values.Count, (row.Values.Count + MostCells - 1) / MostCells);
        var cells = row.Values.Chunk(per).Select((values, i) => (Values: values, Start: i * per));
        return $"""
            <text x="{Left - 8}" y="{y + 10}" text-anchor="end">{row.Name}</text>
            <rect class="frame" x="{Left}" y="{y}" width="{Width - Left}" height="{Strip}"/>
            {cells.Where(c => c.Values.Max() > 0).Select(c => (Html)$"""<rect class="right" x="{X(c.Start, count)}" y="{y}" width="{X(c.Values.Length, count) - Left}" height="{Strip}" fill-opacity="{c.Values.Max() / largest}"/>""")}
            {row.Marked.Select(m => (Html)$"""<rect class="wrong" x="{X(m, count)}" y="{y + Strip + 1}" width="{Math.Max(1, X(1, count) - Left)}" height="4"><title>{row.Name}: {m}</title></rect>""")}
            """;
    }

    static double X(double column, int count) => Left + (Width - Left) * column / count;

    static double Largest(IEnumerable<float> values) => values.Where(float.IsFinite).DefaultIfEmpty().Max() is > 0 and var largest ? largest : 1;
}

/// <summary>A strip.</summary>
/// <param name="Name">What stands before it.</param>
/// <param name="Values">Its numbers; what is not above zero is blank.</param>
/// <param name="Marked">The columns that were chosen.</param>
sealed record HeatRow(string Name, IReadOnlyList<float> Values, IReadOnlyList<int> Marked);
