namespace OrtPeft;

/// <summary>What was trained, on what, and what it cost, as lists of names and values.</summary>
static class RunFacts
{
    internal static Html Draw(RunReport report) => $"""
        <div class="facts">
        {Group("Frozen backbone", Backbone(report.Backbone))}
        {Group("Data", Data(report.Data))}
        {(report.Cache is { } cache ? Group("Feature cache", Cache(cache)) : Html.Empty)}
        {Group("Machine", Machine(report.Machine))}
        {report.Heads.Select(head => Group(head.Name, Head(head, report.Backbone)))}
        </div>
        """;

    static IEnumerable<(string, string)> Backbone(BackboneReport backbone)
    {
        yield return ("model", backbone.Name);
        yield return ("parameters", $"{Show.Count(backbone.Parameters)}, all frozen");
        yield return ("SHA-256", backbone.Hash);
    }

    static IEnumerable<(string, string)> Data(DataReport data)
    {
        if (data.Source is not null)
            yield return ("source", data.Source);
        yield return ("training", Show.Counted(data.Train, "text"));
        if (data.Dev > 0)
            yield return ("dev", $"{Show.Counted(data.Dev, "text")}, to choose the epoch");
        if (data.Test > 0)
            yield return ("test", $"{Show.Counted(data.Test, "text")}, held back");
        yield return ("cut off after", Show.Counted(data.MaxLength, "token"));
    }

    static IEnumerable<(string, string)> Cache(CacheReport cache)
    {
        yield return ("forward passes", Show.Count(cache.ForwardPasses) + (cache.Reused ? ", the rest taken from an earlier run" : ""));
        yield return ("saved", $"{Show.Count(cache.ForwardPassesSaved)} forward passes");
        yield return ("time", Show.Seconds(cache.Seconds));
        if (cache.Bytes > 0)
            yield return ("size", Show.Bytes(cache.Bytes) + (cache.DType is null ? "" : $", {cache.DType}"));
    }

    static IEnumerable<(string, string)> Machine(MachineReport machine)
    {
        yield return ("cores", Show.Count(machine.Cores));
        yield return ("system", machine.OperatingSystem);
        yield return ("ONNX Runtime", machine.OnnxRuntime);
        yield return ("provider", machine.Provider);
    }

    static IEnumerable<(string, string)> Head(HeadReport head, BackboneReport backbone)
    {
        var share = (double)head.TrainableParameters / backbone.Parameters;
        yield return ("trained", $"{Show.Counted(head.TrainableParameters, "parameter")}, {Show.SmallPercent(share)} of the backbone\u2019s");
        yield return ("time", Show.Seconds(head.TrainSeconds));
        if (head.BestEpoch is { } best)
            yield return ("epoch kept", $"{best} of {head.Epochs.Count}");
        foreach (var (name, value) in head.Options)
            yield return (name, value);
    }

    static Html Group(string title, IEnumerable<(string Name, string Value)> facts) => $"""
        <section><h3>{title}</h3><dl>{facts.Select(Fact)}</dl></section>
        """;

    static Html Fact((string Name, string Value) fact) => $"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>";
}
