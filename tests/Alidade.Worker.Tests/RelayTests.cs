using System.Text.Json;
using Alidade.Worker.Relay;
using Alidade.Worker.Tests.Fakes;

namespace Alidade.Worker.Tests;

/// <summary>A job's calls, from its own loopback port through supervisor and agent to the server.</summary>
public sealed class RelayTests
{
    private const string Call = """
        import json, os, urllib.error, urllib.request

        def call(path, body=None, **headers):
            request = urllib.request.Request(os.environ["ALIDADE_API"] + path, data=body, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, json.loads(answer.read()), dict(answer.headers)
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read()), dict(error.headers)

        """;

    [Theory]
    [InlineData("L0")]
    [InlineData("L1")]
    public async Task A_call_arrives_under_the_attempts_token_and_nothing_secret_comes_back(string level)
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) => AgentProcess.Options(server, data, best: level)
        );
        var attempt = await agent.RunAsync(
            Call
                + """
                def main():
                    path = "/api/2.0/mlflow/runs/log-metric?a=%2F"
                    status, body, headers = call(path, b"x" * 3_000_000, Cookie="c=1", Authorization="Bearer mine")
                    print(json.dumps([status, body, headers]))
                """
        );

        Assert.True(attempt.End!.Outcome == "finished", attempt.End.Message);
        var said = JsonDocument.Parse(attempt.Lines("stdout").Single()).RootElement;
        var (body, headers) = (said[1], said[2]);
        Assert.Equal(200, said[0].GetInt32());
        Assert.Equal("/api/2.0/mlflow/runs/log-metric?a=%2F", body.GetProperty("target").GetString());
        Assert.Equal($"Bearer ala_{attempt.Grant.Attempt}.1", body.GetProperty("authorization").GetString());
        Assert.Equal("", body.GetProperty("cookie").GetString());
        Assert.Equal(3_000_000, body.GetProperty("length").GetInt64());
        Assert.False(headers.TryGetProperty("Set-Cookie", out _));
    }

    [Fact]
    public async Task What_is_not_for_jobs_does_not_reach_the_server()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = await agent.RunAsync(
            Call
                + """
                def main():
                    own = os.environ["ALIDADE_JOB_ID"]
                    for path in ("/api/v1/queues", "/api/v1/jobs/1", "/api/v1/worker/sessions", "/", "/api/v1/jobs/" + own):
                        status, body, _ = call(path)
                        print(path, status, body.get("message", ""))
                    print(call("/api/v1/auth/login", b"{}")[0])
                """
        );

        Assert.True(attempt.End!.Outcome == "finished", attempt.End.Message);
        var lines = attempt.Lines("stdout").ToList();
        Assert.All(lines[..4], line => Assert.Contains(" 403 GET ", line, StringComparison.Ordinal));
        Assert.Equal($"/api/v1/jobs/{attempt.Grant.Job} 200 ", lines[4]);
        Assert.Equal("200", lines[5]);
        Assert.DoesNotContain(agent.Server.Requests, r => r.EndsWith("/queues", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_is_asked_for_once_and_again_before_it_expires()
    {
        await using var agent = await RunningAgent.StartAsync();
        const string twice =
            Call + "def main():\n    print(*[call('/version')[1]['authorization'] for _ in range(3)])\n";
        var patient = await agent.RunAsync(twice);
        agent.Server.TokenSeconds = 0;
        var hurried = await agent.RunAsync(twice);

        Assert.Single(patient.Lines("stdout").Single().Split("Bearer ")[1..].Select(t => t.Trim()).Distinct());
        Assert.Equal(
            3,
            hurried.Lines("stdout").Single().Split("Bearer ")[1..].Select(t => t.Trim()).Distinct().Count()
        );
    }

    [Fact]
    public async Task While_the_server_is_away_the_job_is_told_to_try_again()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(
            Call
                + """
                import time
                def main():
                    print(call("/version")[0])
                    while not os.path.exists("away"):
                        time.sleep(0.01)
                    status, body, headers = call("/version")
                    print(status, headers["Retry-After"])
                """
        );
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        agent.Server.IsDown = true;
        var work = Path.Combine(agent.Data, "attempts", $"{attempt.Grant.Attempt}", "work");
        await File.WriteAllTextAsync(Path.Combine(work, "away"), "");
        await JobProcesses.UntilAsync(() => File.Exists(Path.Combine(work, "..", "exit.json")));
        agent.Server.IsDown = false;
        await agent.UntilAsync(() => attempt.End is not null);

        Assert.Equal(["200", "503 1"], attempt.Lines("stdout"));
    }

    [Fact]
    public async Task A_job_that_outlives_its_agent_calls_through_the_next()
    {
        using var folder = new Alidade.Testing.TemporaryFolder();
        await using var server = await FakeServer.StartAsync();
        var attempt = server.Submit(
            Call
                + """
                import time
                def main():
                    print(call("/version")[0], flush=True)
                    while not os.path.exists("next"):
                        time.sleep(0.01)
                    print(call("/version")[0])
                """
        );
        using (var first = AgentProcess.Start(server, folder.Path))
        {
            await server.UntilAsync(() => attempt.Lines("stdout").Any());
            await first.KillAsync();
        }

        using var second = AgentProcess.Start(server, folder.Path);
        await server.UntilAsync(() => server.Registrations.Count == 2);
        var work = Path.Combine(folder.Path, "attempts", $"{attempt.Grant.Attempt}", "work");
        await File.WriteAllTextAsync(Path.Combine(work, "next"), "");
        await server.UntilAsync(() => attempt.End is not null);

        Assert.Equal(["200", "200"], attempt.Lines("stdout"));
    }

    [Theory]
    [InlineData("POST", "/api/2.0/mlflow/runs/create", true)]
    [InlineData("GET", "/ajax-api/2.0/mlflow/experiments/search", true)]
    [InlineData("PUT", "/api/2.0/mlflow-artifacts/artifacts/a/b", true)]
    [InlineData("GET", "/api/3.0/mlflow/traces/1", true)]
    [InlineData("POST", "/api/v1/jobs/42/metrics", true)]
    [InlineData("GET", "/api/v1/jobs/42/", true)]
    [InlineData("GET", "/api/v1/experiments/3/jobs/42/mlflowRun", true)]
    [InlineData("POST", "/api/v1/artifacts/", true)]
    [InlineData("GET", "/api/v1/artifacts", false)]
    [InlineData("GET", "/api/v1/jobs/421", false)]
    [InlineData("GET", "/api/v1/jobs/42/../43", false)]
    [InlineData("GET", "/api/v1/jobs", false)]
    [InlineData("POST", "/api/v1/experiments/3/jobs", false)]
    [InlineData("POST", "/api/v1/worker/attempts/1/finish", false)]
    [InlineData("GET", "/api/2.0/mlflowx", false)]
    [InlineData("DELETE", "/health", false)]
    public void These_pass_and_those_do_not(string method, string path, bool passes) =>
        Assert.Equal(passes, RelayRoutes.Allows(method, path, 42));
}
