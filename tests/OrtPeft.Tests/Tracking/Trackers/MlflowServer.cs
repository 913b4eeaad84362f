using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace OrtPeft.Tests.Tracking;

/// <summary>The part of MLflow's documented REST API 2.0 that a run needs, on the loopback address. Keeps what it was told.</summary>
sealed class MlflowServer : IDisposable
{
    readonly HttpListener _listener = new();
    readonly Task _loop;
    readonly Dictionary<string, string> _experiments = [];

    internal MlflowServer()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    internal string Address { get; }

    /// <summary>Answer everything with an error from now on.</summary>
    internal bool Broken { get; set; }

    internal List<string> Requests { get; } = [];

    internal Dictionary<string, string> Parameters { get; } = [];

    internal List<string> Metrics { get; } = [];

    internal string Status { get; private set; } = "";

    async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var reader = new StreamReader(context.Request.InputStream);
            var (code, answer) = Answer(context.Request.Url!, await reader.ReadToEndAsync());
            context.Response.StatusCode = code;
            using var writer = new StreamWriter(context.Response.OutputStream);
            await writer.WriteAsync(answer.ToJsonString());
        }
    }

    (int Code, JsonNode Answer) Answer(Uri address, string body)
    {
        const string root = "/api/2.0/mlflow/";
        Assert.That(address.AbsolutePath, Does.StartWith(root));
        var path = address.AbsolutePath[root.Length..];
        Requests.Add(path);
        var json = body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!.AsObject();
        if (Broken)
            return (500, new JsonObject { ["error_code"] = "INTERNAL_ERROR" });
        switch (path)
        {
            case "experiments/get-by-name":
                var wanted = Uri.UnescapeDataString(address.Query["?experiment_name=".Length..]);
                return _experiments.TryGetValue(wanted, out var id)
                    ? (200, new JsonObject { ["experiment"] = new JsonObject { ["experiment_id"] = id, ["name"] = wanted } })
                    : (404, new JsonObject { ["error_code"] = "RESOURCE_DOES_NOT_EXIST" });
            case "experiments/create":
                _experiments[json["name"]!.GetValue<string>()] = "7";
                return (200, new JsonObject { ["experiment_id"] = "7" });
            case "runs/create":
                Assert.That(_experiments.Values, Does.Contain(json["experiment_id"]!.GetValue<string>()));
                Parameters.Clear();
                Assert.That(json["start_time"]!.GetValue<long>(), Is.GreaterThan(0));
                return (200, new JsonObject { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = "r1", ["run_name"] = json["run_name"]!.DeepClone() } } });
            case "runs/log-batch":
                Assert.That(json["run_id"]!.GetValue<string>(), Is.EqualTo("r1"));
                foreach (var parameter in json["params"]?.AsArray() ?? [])
                    Parameters.Add(parameter!["key"]!.GetValue<string>(), parameter["value"]!.GetValue<string>());
                foreach (var metric in json["metrics"]?.AsArray() ?? [])
                    Metrics.Add(FormattableString.Invariant($"{metric!["step"]} {metric["key"]} {metric["value"]!.GetValue<double>()} {metric["timestamp"]!.GetValue<long>()}"));
                return (200, new JsonObject());
            case "runs/update":
                Status = json["status"]!.GetValue<string>();
                return (200, new JsonObject());
            default:
                return (404, new JsonObject { ["error_code"] = "ENDPOINT_NOT_FOUND" });
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _loop.GetAwaiter().GetResult();
    }
}
