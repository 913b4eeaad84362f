using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>`adapter.json`: what a trained result is and what it belongs to.</summary>
public sealed record AdapterInfo
{
    /// <summary>Version of the file format.</summary>
    public int Format { get; init; } = Adapter.CurrentFormat;

    /// <summary>Method that trained it.</summary>
    public required string Method { get; init; }

    /// <summary>All options of the method.</summary>
    public required JsonNode Options { get; init; }

    /// <summary>The backbone it belongs to.</summary>
    public required AdapterBackbone Backbone { get; init; }

    /// <summary>SHA-256 of the tokenizer; of a vision model how images are prepared, in words.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>The task; null, in adapters of the first version, is classification.</summary>
    public TaskInfo? Task { get; init; }

    /// <summary>The labels in the order of the scores; none where answers are numbers.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Longest text in tokens while training.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Trained values.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Metrics of the chosen epoch on the dev part.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Hash of everything the trained values depend on: the same hash means the same run.</summary>
    public required string Run { get; init; }
}

/// <summary>The backbone of an adapter.</summary>
/// <param name="Name">Name of the model folder.</param>
/// <param name="Sha256">Its hash; another model is refused.</param>
/// <param name="Path">Where it was, relative to the adapter's folder.</param>
public sealed record AdapterBackbone(string Name, string Sha256, string Path);
