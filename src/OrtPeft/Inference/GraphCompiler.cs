using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OrtPeft;

/// <summary>What compiling a graph gave.</summary>
/// <param name="Folder">The folder it lies in.</param>
/// <param name="Files">Its files there.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Device">What it was compiled for.</param>
/// <param name="SecondsBefore">Seconds to open the model as it was.</param>
/// <param name="SecondsAfter">Seconds to open the compiled graph, checks included.</param>
/// <param name="MaxAbsError">Largest difference of a value on an example, run both ways.</param>
public sealed record CompilationResult(string Folder, IReadOnlyList<string> Files, long Bytes, string Device, double SecondsBefore, double SecondsAfter, double MaxAbsError);

/// <summary>Compiles the frozen part of a backbone ahead: what ONNX Runtime does to a graph at every start is done once and kept.</summary>
public static class GraphCompiler
{
    const int Rounds = 3;

    /// <summary>Compiles the part before <paramref name="at"/> for a provider's device, opens the result, and compares an example run both ways.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="folder">Where it goes; several graphs may share a folder.</param>
    /// <param name="at">Where the backbone is cut, as <see cref="FeatureOptions.At"/> names it.</param>
    /// <param name="execution">Provider and device.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OrtPeftException">The provider cannot be used or does not run the model, or the result is not the same.</exception>
    public static CompilationResult Compile(Backbone backbone, string folder, string at = FeatureSite.LastHiddenState, ExecutionOptions? execution = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        execution = (execution ?? new ExecutionOptions()) with { Compiled = folder };
        execution.Validate();
        if (File.Exists(folder))
            throw new OrtPeftException($"--out: '{folder}' is a file; expected a folder or nothing there.");
        var graph = new FrozenGraph(backbone, BackboneSites.Resolve(backbone, at));
        var device = execution.Devices[0];
        var key = CompiledKey.Of(graph, execution, device);
        Directory.CreateDirectory(folder);
        var files = Write(graph, execution, folder, key.Name);
        Json.Write(Path.Combine(folder, key.Name + ".json"), new CompiledGraph { Key = key, Files = [.. files.Select(f => CompiledGraph.CompiledFile.Of(folder, f))] });

        var (before, after) = (new List<double>(), new List<double>());
        var error = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var original = Timed(before, () => graph.Open(execution, device, intraOpThreads: 1));
            using var compiled = Timed(after, () => CompiledGraph.Open(graph, execution, device, intraOpThreads: 1)
                ?? throw new OrtPeftException($"The compiled graph in '{folder}' was changed by somebody else while it was being checked."));
            if (round == 0)
                error = Difference(Example(graph, original), Example(graph, compiled));
        }
        return new CompilationResult(Path.GetFullPath(folder), [.. files, key.Name + ".json"], files.Sum(f => new FileInfo(Path.Combine(folder, f)).Length), key.Device, Median(before), Median(after), error);
    }

    /// <summary>Lets ONNX Runtime write the graph as it runs it: the provider's own form where there is one, else the optimised graph, its weights in a file beside it.</summary>
    static string[] Write(FrozenGraph graph, ExecutionOptions execution, string folder, string name)
    {
        string file = name + ".onnx", weights = name + ".onnx.data";
        foreach (var old in new[] { file, weights })
            File.Delete(Path.Combine(folder, old));
        using var options = OrtSession.Options(intraOpThreads: 1, execution);
        if (execution.Chosen.WritesContext)
        {
            options.AddSessionConfigEntry("ep.context_enable", "1");
            options.AddSessionConfigEntry("ep.context_embed_mode", "1");
            options.AddSessionConfigEntry("ep.context_file_path", Path.Combine(folder, file));
        }
        else
        {
            options.OptimizedModelFilePath = Path.Combine(folder, file);
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", weights);
            // As the kernels want them, so that a start need not lay them out anew; only the processor's have such a form.
            if (execution.Chosen.IsCpu)
                options.AddSessionConfigEntry("session.save_external_prepacked_constant_initializers", "1");
        }
        graph.Open(execution, options).Dispose();
        if (!File.Exists(Path.Combine(folder, file)))
            throw new OrtPeftException($"The {execution.EffectiveProvider} provider of ONNX Runtime {OrtSession.Version} wrote no compiled graph.");
        return File.Exists(Path.Combine(folder, weights)) ? [file, weights] : [file];
    }

    static InferenceSession Timed(List<double> seconds, Func<InferenceSession> open)
    {
        var watch = Stopwatch.StartNew();
        var session = open();
        seconds.Add(watch.Elapsed.TotalSeconds);
        return session;
    }

    /// <summary>The site's first tensor for an example of zeros: ids of padding that are all attended to, or a black image.</summary>
    static float[] Example(FrozenGraph graph, InferenceSession session)
    {
        var inputs = session.InputMetadata.ToDictionary(i => i.Key, i => Zeros(i.Value, graph.Backbone.Images is null && graph.Backbone.RoleOf(i.Key) == InputRole.Mask ? 1 : 0));
        try
        {
            using var runOptions = new RunOptions();
            using var outputs = session.Run(runOptions, inputs, [graph.OutputsOf(session)[0]]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    static OrtValue Zeros(NodeMetadata input, long fill)
    {
        const int Free = 8;
        long[] shape = [.. input.Dimensions.Select((d, i) => d > 0 ? d : i == 0 ? 1L : Free)];
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        if (input.ElementType == typeof(float))
            return OrtValue.CreateTensorValueFromMemory(new float[count], shape);
        var ids = new long[count];
        Array.Fill(ids, fill);
        return input.ElementType == typeof(int)
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, id => (int)id), shape)
            : OrtValue.CreateTensorValueFromMemory(ids, shape);
    }

    static double Difference(float[] before, float[] after)
    {
        var difference = new float[before.Length];
        TensorPrimitives.Subtract(before, after, difference);
        var error = Math.Abs(TensorPrimitives.MaxMagnitude(difference));
        return error <= 1e-3 * Math.Max(1, Math.Abs(TensorPrimitives.MaxMagnitude(before))) ? error
            : throw new OrtPeftException(FormattableString.Invariant($"The compiled graph computes something else: an example differs by {error:G3}. It must not be used; run without it."));
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
