using System.Numerics.Tensors;
using OrtPeft.Graphs;

namespace OrtPeft;

/// <summary>A frozen, pretrained ONNX encoder with its tokenizer or image preparation: opened, understood and hashed, never changed.</summary>
public sealed class Backbone
{
    readonly Lazy<string> _sha256;
    readonly TokenEmbeddings? _tokenEmbeddings;
    readonly Dictionary<string, InputRole> _inputs;

    Backbone(BackboneFolder files, OnnxModel model)
    {
        Path = files.Path;
        Name = files.Name;
        ModelPath = files.ModelPath;
        _sha256 = new Lazy<string>(() => files.Hash(model));
        if (files.HasManifest)
            _ = Sha256;
        Model = model;
        Tokenizer = files.LoadTokenizer();
        var config = files.LoadConfig();
        _inputs = Anatomy.InputNames(files, model);
        InputNames = [.. _inputs.Keys];
        (LastHiddenState, Hidden) = Anatomy.LastHiddenState(files, model);
        Config = config;
        Family = config.ModelType ?? "unknown";
        Layers = config.Layers ?? 0;
        Heads = config.Heads ?? 1;
        if (_inputs.ContainsValue(InputRole.Pixels))
            Images = ImageInput.Find(files, model, LastHiddenState);
        else
            _tokenEmbeddings = TokenEmbeddings.Find(model, _inputs.First(i => i.Value == InputRole.Ids).Key);
        MaxPositions = Images?.Tokens ?? config.UsablePositions ?? 512;
        Parameters = Anatomy.Parameters(model);
        NamedSites = HandNamedSites.Beside(files.ModelPath);
    }

    /// <summary>Opens a model folder (`model.onnx` or `onnx/model.onnx`, `tokenizer.json`, `config.json`) or an `.onnx` file.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="tokenizer">Tokenizer file or folder; null takes the one beside the model.</param>
    /// <exception cref="OrtPeftException">
    /// Something is missing, broken, of an unknown kind, or not what the folder's manifest says it should be.
    /// </exception>
    public static Backbone Load(string path, string? tokenizer = null)
    {
        var files = BackboneFolder.Find(path, tokenizer);
        return new Backbone(files, OnnxModel.Load(files.ModelPath));
    }

    /// <summary>Name of the folder, or of the file without its extension.</summary>
    public string Name { get; }

    /// <summary>What was opened: folder or file.</summary>
    public string Path { get; }

    /// <summary>The model file.</summary>
    public string ModelPath { get; }

    /// <summary>SHA-256 of the model file, or of the list of hashes when weights lie in further files. Computed when first asked for.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>Tensors by site that the user has named in a file beside the model; null where there is none.</summary>
    internal IReadOnlyDictionary<string, string>? NamedSites { get; }

    /// <summary>The graph; weights stay in their files.</summary>
    public OnnxModel Model { get; }

    /// <summary>The tokenizer, if one was found.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Its `config.json`.</summary>
    internal BackboneConfig Config { get; }

    /// <summary>Model family as `config.json` names it, for example "bert"; "unknown" without one.</summary>
    public string Family { get; }

    /// <summary>Encoder layers; 0 when not known.</summary>
    public int Layers { get; }

    /// <summary>Attention heads; 1 when not known.</summary>
    public int Heads { get; }

    /// <summary>Width of the hidden states.</summary>
    public int Hidden { get; }

    /// <summary>Longest input in tokens; of an image encoder the tokens of every image, its patches and special tokens.</summary>
    public int MaxPositions { get; }

    /// <summary>Number of weights.</summary>
    public long Parameters { get; }

    /// <summary>Output that holds the hidden states of the last layer: float32 [batch, sequence, <see cref="Hidden"/>].</summary>
    public string LastHiddenState { get; }

    /// <summary>The graph's inputs, in its order.</summary>
    internal IReadOnlyList<string> InputNames { get; }

    internal InputRole RoleOf(string input) => _inputs[input];

    /// <summary>How images become the input; null for a text encoder.</summary>
    internal ImageInput? Images { get; }

    /// <summary>What decides how examples become the model's input, for fingerprints: the tokenizer's hash, or the image preparation in words.</summary>
    internal string InputPreparation => Images?.RequirePreparation().ToString() ?? RequireTokenizer().Sha256;

    /// <summary>Tokens at most of an example that is cut off after <paramref name="maxLength"/>; images are never cut off.</summary>
    internal int LengthFor(int maxLength) => Images?.Tokens ?? maxLength;

    /// <summary>An example as the model reads it.</summary>
    /// <exception cref="OrtPeftException">It holds a text where the model reads images, or the other way round.</exception>
    internal EncodedExample Read(Example example, int maxLength)
    {
        if (Images is { } images)
        {
            return example.Image is { } image ? new EncodedExample([]) { Image = image, ImageTokens = images.Tokens } : throw new OrtPeftException(
                $"Example {DataError.Quote(example.Id)} is a text; the model '{Name}' reads images. Give a folder of images, a data file with --image COLUMN for their paths, or to predict --image FILE.");
        }
        return example.Image is null ? EncodedExample.Of(RequireTokenizer(), example, maxLength) : throw new OrtPeftException(
            $"Example {DataError.Quote(example.Id)} is an image; the model '{Name}' reads texts. Name the column of the text with --text, or choose a vision model.");
    }

    internal Tokenizer RequireTokenizer() => Tokenizer ?? throw new OrtPeftException(
        $"Model '{Path}' has no tokenizer: expected tokenizer.json beside the model. Copy it there, or name one with --tokenizer FILE.");

    /// <summary>Mean input embedding of a name's tokens, special tokens left out; null when there is none to be had.</summary>
    internal float[]? MeanTokenEmbedding(string name)
    {
        if (_tokenEmbeddings is null || name.Length == 0)
            return null;
        var ids = RequireTokenizer().EncodeIds(name, null, new EncodeOptions { AddSpecialTokens = false });
        if (ids.Length == 0)
            return null;
        var mean = new float[Hidden];
        foreach (var id in ids)
            TensorPrimitives.Add(mean, _tokenEmbeddings.Row(id), mean);
        TensorPrimitives.Divide(mean, ids.Length, mean);
        return mean;
    }
}
