namespace OrtPeft;

/// <summary>All trackers that a run can be given by name, as "name=where".</summary>
static class RunTrackers
{
    static readonly Dictionary<string, Func<string, IRunTracker>> Table = new()
    {
        ["tensorboard"] = folder => new TensorBoardTracker(folder),
        ["mlflow"] = Mlflow,
    };

    /// <summary>Makes the tracker of <paramref name="wanted"/>; nothing is opened or sent yet.</summary>
    /// <exception cref="OrtPeftException">There is no such tracker, or its place is malformed.</exception>
    internal static IRunTracker Parse(string wanted) =>
        wanted.Split('=', 2) is [var name, { Length: > 0 } where] && Table.TryGetValue(name, out var create)
            ? create(where)
            : throw new OrtPeftException($"--track is '{wanted}'; expected tensorboard=FOLDER or mlflow=http://SERVER:PORT/EXPERIMENT.");

    static MlflowTracker Mlflow(string where)
    {
        if (!Uri.TryCreate(where, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new OrtPeftException($"--track mlflow is '{where}'; expected http://SERVER:PORT or http://SERVER:PORT/EXPERIMENT.");
        var experiment = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        return new MlflowTracker(new Uri(uri.GetLeftPart(UriPartial.Authority)), experiment.Length == 0 ? "OrtPeft" : experiment);
    }
}
