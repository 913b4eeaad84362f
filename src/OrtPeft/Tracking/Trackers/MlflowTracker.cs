using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtPeft;

/// <summary>
/// Follows a run on an MLflow tracking server through its REST API 2.0: experiment by name, one run, options as parameters, and after each
/// epoch losses and metrics with the epoch as step.
/// </summary>
sealed class MlflowTracker : IRunTracker
{
    const int LongestParameter = 6000;
    const int ParametersARequest = 100;

    readonly HttpClient _client;
    readonly string _experiment;
    string _run = "";

    /// <param name="server">The server's address, such as http://localhost:5000.</param>
    /// <param name="experiment">The experiment's name; it is made when it does not exist.</param>
    internal MlflowTracker(Uri server, string experiment)
    {
        _client = new HttpClient { BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/api/2.0/mlflow/"), Timeout = TimeSpan.FromSeconds(5) };
        _experiment = experiment;
    }

    public void Begin(TrackedRun run)
    {
        var started = run.Started.ToUnixTimeMilliseconds();
        var answer = Post("runs/create", new { experiment_id = ExperimentId(), run_name = run.Name, start_time = started });
        _run = Text(answer["run"]?["info"]?["run_id"]);
        foreach (var options in run.Options.Chunk(ParametersARequest))
            Post("runs/log-batch", new { run_id = _run, @params = options.Select(o => new { key = o.Key, value = Cut(o.Value) }) });
        foreach (var epoch in run.Earlier)
            Add(epoch, []);
    }

    public void Add(EpochResult epoch, IReadOnlyList<TrainedTensor> values)
    {
        var time = epoch.Time.ToUnixTimeMilliseconds();
        var metrics = EpochNumbers.Of(epoch).Where(n => double.IsFinite(n.Value)).Select(n => new { key = n.Name, value = n.Value, timestamp = time, step = epoch.Epoch });
        Post("runs/log-batch", new { run_id = _run, metrics });
    }

    public void End(TrackedEnd end) => Post("runs/update", new
    {
        run_id = _run,
        status = end switch { TrackedEnd.Finished => "FINISHED", TrackedEnd.Interrupted => "KILLED", _ => "FAILED" },
        end_time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
    });

    public void Dispose() => _client.Dispose();

    string ExperimentId()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "experiments/get-by-name?experiment_name=" + Uri.EscapeDataString(_experiment));
        using var response = _client.Send(request);
        return response.StatusCode == HttpStatusCode.NotFound
            ? Text(Post("experiments/create", new { name = _experiment })["experiment_id"])
            : Text(Read(response)["experiment"]?["experiment_id"]);
    }

    JsonNode Post(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var response = _client.Send(request);
        return Read(response);
    }

    static JsonNode Read(HttpResponseMessage response)
    {
        using var stream = response.Content.ReadAsStream();
        if (!response.IsSuccessStatusCode)
        {
            using var reader = new StreamReader(stream);
            throw new OrtPeftException($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}: {reader.ReadToEnd()}");
        }
        return JsonNode.Parse(stream) ?? throw new JsonException("the answer is null");
    }

    static string Text(JsonNode? node) => node?.ToString() ?? throw new OrtPeftException("The MLflow server left out an identifier.");

    static string Cut(string value) => value.Length > LongestParameter ? value[..LongestParameter] : value;
}
