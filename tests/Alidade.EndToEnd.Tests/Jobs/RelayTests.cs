using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Jobs;

/// <summary>Tracking from inside a sandboxed job that has no network and holds no credential.</summary>
public sealed class RelayTests
{
    private const string Source = """
        import json, os, socket, urllib.error, urllib.request

        def _call(method, path, body=None):
            data = None if body is None else json.dumps(body).encode()
            address = os.environ["MLFLOW_TRACKING_URI"] + path
            request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        def _reaches(host, port):
            try:
                socket.create_connection((host, port), timeout=5).close()
                return True
            except OSError:
                return False

        def work():
            job = os.environ["__JOB_ID"]
            from dioptra.sdk.utilities.auth_client import get_authenticated_worker_client
            client = get_authenticated_worker_client()
            client.jobs.append_metric_by_id(job_id=job, metric_name="own", metric_value=1.5)
            print("status", client.jobs.get_by_id(job)["status"])
            print("metric", _call("POST", f"/api/v1/jobs/{job}/metrics", {"name": "relayed", "value": 0.25})[0])
            print("log", _call("POST", f"/api/v1/jobs/{job}/log", {"data": [
                {"severity": "INFO", "loggerName": "mine", "message": "through the relay"}]})[0])
            tracking = "/api/2.0/mlflow/runs/"
            status, made = _call("POST", tracking + "create", {"experiment_id": "0", "start_time": 1})
            run = made["run"]["info"]["run_id"] if status == 200 else made
            print("mlflow", run == client.jobs.get_mlflow_run_id(job)["mlflowRunId"], _call("POST", tracking + "log-metric",
                {"run_id": run, "key": "tracked", "value": 2.5, "timestamp": 1, "step": 0})[0])
            print("another", _call("GET", f"/api/v1/jobs/{int(job) - 1}")[0])
            print("queues", _call("GET", "/api/v1/queues")[0])
            print("server", _reaches("127.0.0.1", PORT))
            print("secrets", [n for n, v in os.environ.items() if "als_" in v or "ala_" in v or "alw_" in v])
        """;

    [Fact]
    public async Task A_job_records_through_the_agent_and_reaches_nothing_else()
    {
        using var folder = new TempFolder();
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await LiveServer.StartAsync(folder.In("data"), cancellation, "--registration", "open");
        // With a second user jobs must be sandboxed, and get no network.
        using (var second = new AlidadeClient(server.Url))
        {
            await second.Users.RegisterAsync("second", "second@example.org", "correct horse battery", cancellation);
        }

        var source = Source.Replace("PORT", $"{server.Url.Port}", StringComparison.Ordinal);
        var submitted = await server.SubmitAsync(source, cancellation);
        var (job, lines) = await server.FollowAsync(submitted.Id, cancellation);

        var said = lines.Select(line => line.Message).ToList();
        Assert.True(job.Status == "finished", string.Join('\n', said));
        Assert.Contains("status started", said);
        Assert.Contains("metric 200", said);
        Assert.Contains("log 200", said);
        Assert.Contains("mlflow True 200", said);
        Assert.Contains("another 403", said);
        Assert.Contains("queues 403", said);
        Assert.Contains("server False", said);
        Assert.Contains("secrets []", said);
        Assert.Contains("through the relay", said);
    }
}
