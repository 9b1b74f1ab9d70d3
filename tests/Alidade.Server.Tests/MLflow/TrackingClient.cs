using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.MLflow;

/// <summary>Short calls of MLflow's protocol.</summary>
internal sealed class TrackingClient(HttpClient http)
{
    private const string Root = "/api/2.0/mlflow/";

    public Task<JsonNode> PostAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.OK) =>
        http.PostJsonAsync(Root + path, body, expected);

    public Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) =>
        http.GetJsonAsync(Root + path, expected);

    /// <summary>The refusal's code and sentence.</summary>
    public async Task<string> RefusedAsync(
        string path,
        object body,
        HttpStatusCode expected = HttpStatusCode.BadRequest
    )
    {
        var answer = await PostAsync(path, body, expected);
        return $"{answer["error_code"]}: {answer["message"]}";
    }

    public async Task<string> ExperimentAsync(string name) =>
        (await PostAsync("experiments/create", new { name }))["experiment_id"]!.GetValue<string>();

    public async Task<string> RunAsync(string experiment, string? name = null, long start = 1000)
    {
        var body = new
        {
            experiment_id = experiment,
            run_name = name,
            start_time = start,
        };
        return (await PostAsync("runs/create", body))["run"]!["info"]!["run_id"]!.GetValue<string>();
    }

    public Task LogAsync(string run, string key, object value, long step = 0, long timestamp = 1) =>
        PostAsync(
            "runs/log-metric",
            new
            {
                run_id = run,
                key,
                value,
                timestamp,
                step,
            }
        );

    public Task ParamAsync(string run, string key, string value) =>
        PostAsync(
            "runs/log-parameter",
            new
            {
                run_id = run,
                key,
                value,
            }
        );

    /// <summary>The names of the runs found.</summary>
    public async Task<string> SearchAsync(string experiment, string filter, params string[] order)
    {
        var body = new
        {
            experiment_ids = new[] { experiment },
            filter,
            order_by = order,
        };
        var answer = await PostAsync("runs/search", body);
        var runs = answer["runs"]?.AsArray() ?? [];
        return string.Join(' ', runs.Select(r => r!["info"]!["run_name"]!.GetValue<string>()));
    }
}
