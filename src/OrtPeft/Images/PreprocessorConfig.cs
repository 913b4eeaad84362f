using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>Reads a Hugging Face `preprocessor_config.json`. A step that it asks for and that is not known is refused, never left out.</summary>
sealed class PreprocessorConfig
{
    internal const string FileName = "preprocessor_config.json";
    const int Bilinear = 2, Bicubic = 3, LongestSide = 4096;

    static readonly HashSet<string> Steps = ["do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb", "do_convert_grayscale"];

    readonly string _path;
    readonly JsonObject _json;

    PreprocessorConfig(string path)
    {
        _path = path;
        _json = Json.Read<JsonObject>(path, "Image preparation", "Restore it.");
    }

    /// <summary>The preparation in the file at <paramref name="path"/> for a model that takes so many channels.</summary>
    /// <exception cref="OrtPeftException">It is damaged, or says something that is not known.</exception>
    internal static ImagePreparation Read(string path, int channels) => new PreprocessorConfig(path).Preparation(channels);

    ImagePreparation Preparation(int channels)
    {
        if (_json.FirstOrDefault(p => p.Key.StartsWith("do_", StringComparison.Ordinal) && !Steps.Contains(p.Key) && Is(p.Key, false)).Key is { } unknown)
            throw Wrong(unknown, "a step that is not known", $"false; known are {string.Join(", ", Steps)}");
        var crop = Is("do_center_crop", false) ? Box("crop_size", defaultsToEdge: false).Size : null;
        var (size, edge) = Is("do_resize", _json.ContainsKey("size")) ? Box("size", defaultsToEdge: crop is not null) : (null, null);
        if (_json["crop_pct"] is not null)
            throw Wrong("crop_pct", "not known", "size and crop_size in pixels");
        var normalize = Is("do_normalize", _json.ContainsKey("image_mean"));
        return new ImagePreparation
        {
            Channels = channels,
            Size = size,
            ShortestEdge = edge,
            Filter = Filter(),
            Crop = crop,
            Rescale = Is("do_rescale", true) ? Number("rescale_factor", 1.0 / 255) : 1,
            Mean = normalize ? Numbers("image_mean", channels) : [],
            Deviation = normalize ? Numbers("image_std", channels) : [],
        };
    }

    string Filter() => Number("resample", Bilinear) switch
    {
        Bilinear => Resampling.Bilinear,
        Bicubic => Resampling.Bicubic,
        _ => throw Wrong("resample", $"{_json["resample"]}", $"{Bilinear} (bilinear) or {Bicubic} (bicubic)"),
    };

    /// <summary>A size: {"height", "width"}, {"shortest_edge"}, or a number, which is a square unless the image is cropped afterwards.</summary>
    ((int, int)? Size, int? Edge) Box(string name, bool defaultsToEdge)
    {
        switch (_json[name])
        {
            case JsonObject box when box.ContainsKey("height") && box.ContainsKey("width"):
                return ((Length(box["height"]), Length(box["width"])), null);
            case JsonObject { Count: 1 } box when box.ContainsKey("shortest_edge"):
                return (null, Length(box["shortest_edge"]));
            case JsonValue value when defaultsToEdge:
                return (null, Length(value));
            case JsonValue value:
                return ((Length(value), Length(value)), null);
            case var other:
                throw Wrong(name, other?.ToJsonString() ?? "missing", """{"height": H, "width": W}, {"shortest_edge": N} or a number""");
        }

        int Length(JsonNode? node) => node is JsonValue value && value.TryGetValue(out int length) && length is >= 1 and <= LongestSide
            ? length
            : throw Wrong(name, node?.ToJsonString() ?? "null", $"whole numbers from 1 to {LongestSide}");
    }

    bool Is(string name, bool otherwise) => _json[name] switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var other => throw Wrong(name, other.ToJsonString(), "true or false"),
    };

    double Number(string name, double otherwise) => _json[name] is null ? otherwise : Finite(name, _json[name]);

    double[] Numbers(string name, int channels)
    {
        double[] numbers = _json[name] is JsonArray list ? [.. list.Select(item => Finite(name, item))] : [.. Enumerable.Repeat(Finite(name, _json[name]), channels)];
        if (numbers.Length != channels || (name == "image_std" && numbers.Contains(0)))
            throw Wrong(name, _json[name]!.ToJsonString(), $"{channels} numbers, none of image_std 0: one for each channel that the model takes");
        return numbers;
    }

    double Finite(string name, JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number)
        ? number
        : throw Wrong(name, node?.ToJsonString() ?? "missing", "a number");

    OrtPeftException Wrong(string name, string actual, string expected) => new($"Image preparation: {name} in '{_path}' is {DataError.Quote(actual)}; expected {expected}.");
}
