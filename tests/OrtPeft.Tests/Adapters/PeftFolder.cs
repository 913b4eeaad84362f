using System.Text.Json.Nodes;

namespace OrtPeft.Tests;

/// <summary>An adapter as peft saved it, in a folder that a test may change, beside the model it is for.</summary>
sealed class PeftFolder : IDisposable
{
    readonly TemporaryFolder _folder = new();

    /// <param name="run">The reference run.</param>
    /// <param name="exporter">Empty for PyTorch's older exporter, "-dynamo" for the newer.</param>
    internal PeftFolder(string run, string exporter = "")
    {
        Directory.CreateDirectory(Path);
        foreach (var file in Directory.EnumerateFiles(Fixture("methods", run, "peft-after5")))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        Directory.CreateDirectory(_folder["model"]);
        foreach (var file in Directory.EnumerateFiles(Fixture("tiny-bert" + exporter)))
            File.Copy(file, System.IO.Path.Combine(_folder["model"], System.IO.Path.GetFileName(file)));
        File.Copy(Fixture("methods", "pooler.safetensors"), PyTorchWeights);
    }

    internal string Path => _folder["peft"];

    internal string ModelPath => _folder["model"];

    internal string PyTorchWeights => _folder["model/model.safetensors"];

    internal string this[string name] => _folder[name];

    internal Backbone Backbone() => OrtPeft.Backbone.Load(ModelPath);

    internal Adapter Load(params string[] labels) => PeftAdapter.Load(Path, Backbone(), labels.Length == 0 ? null : labels);

    /// <summary>Changes the configuration.</summary>
    internal PeftFolder Configure(Action<JsonObject> change)
    {
        var path = System.IO.Path.Combine(Path, PeftConfig.File);
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(config);
        File.WriteAllText(path, config.ToJsonString());
        return this;
    }

    /// <summary>Changes the tensors.</summary>
    internal PeftFolder Change(Action<Dictionary<string, (long[] Shape, float[] Values)>> change)
    {
        var path = System.IO.Path.Combine(Path, PeftFile.Name);
        var tensors = Read(path);
        change(tensors);
        var writer = new SafetensorsWriter();
        foreach (var (name, (shape, values)) in tensors)
            writer.Add(name, values, shape);
        writer.Write(path);
        return this;
    }

    internal static Dictionary<string, (long[] Shape, float[] Values)> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Values.ToDictionary(t => t.Name, t => (t.Shape, file.ReadSingles(t.Name)));
    }

    internal static string Fixture(params string[] parts) => System.IO.Path.Combine([TestContext.CurrentContext.TestDirectory, "Fixtures", .. parts]);

    public void Dispose() => _folder.Dispose();
}
