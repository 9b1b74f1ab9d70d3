using System.Collections.Concurrent;
using System.Text.Json;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>A server with a worker inside and one beside it, and a hand that kills of them what it happens to meet.</summary>
internal sealed class Storm : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly Random _random;
    private readonly string _token;
    private readonly Dictionary<string, int> _kills = [];
    private readonly Queue<int> _deck = [];
    private RunningProgram _worker;

    private Storm(TempFolder folder, Random random, LiveServer server, string token)
    {
        (_folder, _random, Server, _token) = (folder, random, server, token);
        _worker = StartWorker();
    }

    public LiveServer Server { get; }

    /// <summary>Jobs whose supervisor or own process was killed, and how often.</summary>
    public ConcurrentDictionary<long, int> Hit { get; } = new();

    public string Summary => string.Join(", ", _kills.Select(kill => $"{kill.Value} {kill.Key}"));

    private string Inside => _folder.In("data");

    private string Beside => _folder.In("worker");

    public static async Task<Storm> StartAsync(TempFolder folder, Random random, CancellationToken cancellation)
    {
        var server = await LiveServer.StartAsync(folder.In("data"), cancellation, "--slots", "2");
        var group = (await server.Client.Users.CurrentAsync(cancellation)).Groups[0].Id;
        var token = await server.Client.WorkerTokens.CreateAsync(group, "storm", null, cancellation);
        return new Storm(folder, random, server, token.Token);
    }

    /// <summary>Waits a moment and kills something; what would not come back by itself is started again.</summary>
    public async Task KillSomethingAsync(CancellationToken cancellation)
    {
        await Task.Delay(_random.Next(50, 700), cancellation);
        switch (Draw())
        {
            case 0:
                await Server.KillAsync();
                await Server.StartAgainAsync(cancellation);
                Count("servers");
                break;
            case 1:
                Assert.False(_worker.HasEnded, $"the worker ended by itself: {_worker.Output}");
                _worker.Signal(RunningProgram.SigKill);
                await _worker.EndAsync(cancellation);
                await _worker.DisposeAsync();
                _worker = StartWorker();
                Count("agents");
                break;
            case 2:
                await KillOneAsync("templates", Templates, cancellation);
                break;
            case 3:
                await KillOneAsync("supervisors", () => Supervisors().Select(s => (s, s)), cancellation);
                break;
            default:
                await KillOneAsync("jobs", Hosts, cancellation);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>In a random order, and each as often as the others.</summary>
    private int Draw()
    {
        if (_deck.Count == 0)
        {
            int[] all = [0, 1, 2, 3, 4];
            _random.Shuffle(all);
            Array.ForEach(all, _deck.Enqueue);
        }

        return _deck.Dequeue();
    }

    private RunningProgram StartWorker() =>
        RunningProgram.Alidade(
            _folder.Path,
            [
                "worker",
                "--server",
                Server.Url.ToString(),
                "--token",
                _token,
                "--slots",
                "2",
                "--data",
                Beside,
                "--isolation",
                "L0",
            ]
        );

    private async Task KillOneAsync(
        string kind,
        Func<IEnumerable<(int? Supervisor, int? Process)>> find,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            if (find().ToList() is { Count: > 0 } found)
            {
                var (supervisor, process) = found[_random.Next(found.Count)];
                var before = JobsOf(supervisor);
                if (RunningProgram.Kill(process!.Value, RunningProgram.SigKill) == 0)
                {
                    // It may have gone on to its next attempt since it was looked at.
                    foreach (var job in before.Union(JobsOf(supervisor)))
                    {
                        Hit.AddOrUpdate(job, 1, (_, times) => times + 1);
                    }

                    Count(kind);
                    return;
                }
            }

            await Task.Delay(5, cancellation);
        }
    }

    private IEnumerable<(int? Supervisor, int? Process)> Templates() =>
        ((int[])[Server.ProcessId, _worker.Id])
            .SelectMany(parent => Processes.TryChildren(parent))
            .Where(child => Processes.CommandLine(child).Contains("template.py", StringComparison.Ordinal))
            .Select(child => ((int?)null, (int?)child));

    /// <summary>Jobs, and those that fork the jobs of a supervisor that stays.</summary>
    private IEnumerable<(int? Supervisor, int? Process)> Hosts() =>
        from supervisor in Supervisors()
        from child in Processes.TryChildren(supervisor!.Value)
        from process in Processes.TryChildren(child).Prepend(child)
        select (supervisor, (int?)process);

    private IEnumerable<int?> Supervisors() =>
        Attempts()
            .Select(attempt => (int?)attempt.Supervisor)
            .Where(process => Processes.CommandLine(process!.Value).Contains("template.py", StringComparison.Ordinal));

    private List<long> JobsOf(int? supervisor) =>
        [.. Attempts().Where(attempt => attempt.Supervisor == supervisor).Select(attempt => attempt.Job)];

    /// <summary>The attempts that run now, by the files they are known by.</summary>
    private IEnumerable<(long Job, int Supervisor)> Attempts()
    {
        foreach (var file in Files(Inside).Concat(Files(Beside)))
        {
            var folder = Path.GetDirectoryName(file)!;
            if (
                Read(file, "pid") is { } process
                && Read(Path.Combine(folder, "attempt.json"), "job") is { } job
                && !File.Exists(Path.Combine(folder, "exit.json"))
            )
            {
                yield return (job, (int)process);
            }
        }
    }

    private static IEnumerable<string> Files(string data)
    {
        try
        {
            return Directory.GetFiles(data, "supervisor.json", SearchOption.AllDirectories);
        }
        catch (IOException)
        {
            return []; // a folder went while it was listed
        }
    }

    private static long? Read(string file, string member)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            return json.RootElement.GetProperty(member).GetInt64();
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // it has just ended
        }
    }

    private void Count(string kind) => _kills[kind] = _kills.GetValueOrDefault(kind) + 1;
}
