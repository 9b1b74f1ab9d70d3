using System.Diagnostics;
using System.Security.Cryptography;
using Alidade.Client;
using Alidade.Functions;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;
using Alidade.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Alidade.Bench.Servers;

/// <summary>The real server over an empty temporary folder, with one user signed in.</summary>
internal sealed class AlidadeServer : IAsyncDisposable
{
    private static readonly TimeSpan WorkerLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder;
    private readonly long _group;
    private string? _postgres;

    private AlidadeServer(TemporaryFolder folder, string data, ChildServer process, AlidadeClient client, long group) =>
        (_folder, Data, Process, Client, _group) = (folder, data, process, client, group);

    public ChildServer Process { get; }

    public AlidadeClient Client { get; }

    /// <summary>Its data folder.</summary>
    public string Data { get; }

    /// <summary>Starts the program over a data folder, without signing in.</summary>
    public static Task<ChildServer> StartProcessAsync(
        string data,
        int workers = 1,
        IReadOnlyDictionary<string, string>? environment = null,
        params string[] more
    ) =>
        ChildServer.StartAsync(
            Repository.Program,
            ["serve", "--port", "0", "--data", data, "--workers", $"{workers}", "--slots", "2", .. more],
            "Alidade ready:",
            environment
        );

    /// <param name="level">Isolation of the jobs; null for a server without a worker.</param>
    public static async Task<AlidadeServer> StartAsync(string? level, CancellationToken cancellation)
    {
        var folder = new TemporaryFolder();
        var data = folder.Sub("data");
        var process = await StartProcessAsync(data, level is null ? 0 : 1, WorkerEnvironment(level));
        var client = new AlidadeClient(process.Address);
        var password = NewPassword();
        await client.Users.RegisterAsync("bench", "bench@localhost", password, cancellation);
        await client.Users.SignInAsync("bench", password, cancellation);
        var user = await client.Users.CurrentAsync(cancellation);
        if (level is not null)
        {
            await WorkerReadyAsync(process, level, cancellation);
        }

        return new AlidadeServer(folder, data, process, client, user.Groups[0].Id);
    }

    private static Dictionary<string, string> WorkerEnvironment(string? level)
    {
        var environment = new Dictionary<string, string> { ["ALIDADE__WORKER__PRELOAD"] = "numpy" };
        if (level is not null)
        {
            environment["ALIDADE__WORKER__ISOLATION"] = level;
            // As on a server with several users: what is measured is the whole sandbox.
            environment["ALIDADE__WORKER__NETWORK"] = "false";
        }

        return environment;
    }

    /// <summary>Starts a server over a store that is filled before.</summary>
    /// <param name="postgres">A database to use instead of SQLite.</param>
    /// <param name="fill">Given the ids of the user and of the public group.</param>
    /// <param name="fillSeries">Fills the other database.</param>
    /// <param name="level">Isolation of the jobs; null for a server without a worker.</param>
    /// <param name="kept">What an earlier run has filled is used again, what this one fills is kept.</param>
    public static async Task<AlidadeServer> StartFilledAsync(
        string? postgres,
        Func<IStore, long, long, Task> fill,
        CancellationToken cancellation,
        Func<IStore, Task>? fillSeries = null,
        string? level = null,
        KeptFolder? kept = null
    )
    {
        var folder = new TemporaryFolder();
        var data = kept?.Data ?? folder.Sub("data");
        var password = kept?.Password ?? NewPassword();
        string[] more = postgres is null ? [] : ["--postgres", postgres];
        if (kept is { IsFilled: true })
        {
            // What another build has filled is brought up to date now, not while the server starts.
            await Open("core").DisposeAsync();
            await Open("series").DisposeAsync();
        }
        else
        {
            var (user, publicGroup) = await RegisterAsync(data, password, more, cancellation);
            await using (var store = Open("core"))
            {
                await fill(store, user, publicGroup);
            }

            await using var series = Open("series");
            await (fillSeries?.Invoke(series) ?? Task.CompletedTask);
            kept?.SetFilled(password);
        }

        IStore Open(string name)
        {
            var clock = new MonotonicClock(TimeProvider.System);
            return postgres is null
                ? SqliteStore.Open(Path.Combine(data, name + ".db"), name, clock, _ => { })
                : PostgresStore.Open(postgres + ";Command Timeout=0", name, clock);
        }

        var filled = await StartProcessAsync(data, level is null ? 0 : 1, WorkerEnvironment(level), more);
        if (level is not null)
        {
            await WorkerReadyAsync(filled, level, cancellation);
        }

        var client = new AlidadeClient(filled.Address);
        await client.Users.SignInAsync("bench", password, cancellation);
        var current = await client.Users.CurrentAsync(cancellation);
        return new AlidadeServer(folder, data, filled, client, current.Groups[0].Id) { _postgres = postgres };
    }

    /// <summary>Makes the user in a new data folder.</summary>
    /// <returns>The ids of the user and of the public group.</returns>
    private static async Task<(long User, long Group)> RegisterAsync(
        string data,
        string password,
        string[] more,
        CancellationToken cancellation
    )
    {
        await using var process = await StartProcessAsync(data, 0, more: more);
        using var client = new AlidadeClient(process.Address);
        await client.Users.RegisterAsync("bench", "bench@localhost", password, cancellation);
        await client.Users.SignInAsync("bench", password, cancellation);
        var current = await client.Users.CurrentAsync(cancellation);
        return (current.Id, current.Groups[0].Id);
    }

    private static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Reads runs with their values by primary key, as a bare program would.</summary>
    /// <returns>Milliseconds of each time.</returns>
    public async Task<List<double>> ReadRunsAsync(string[] ids, int repeats)
    {
        var list = string.Join(", ", ids.Select(id => $"'{id}'"));
        string[] queries =
        [
            $"SELECT * FROM run WHERE id IN ({list})",
            $"SELECT run, name, value FROM run_parameter WHERE run IN ({list})",
            $"SELECT run, name, value FROM run_tag WHERE run IN ({list})",
            $"SELECT run, name, last, last_step, last_time FROM series WHERE run IN ({list})",
        ];
        await using System.Data.Common.DbConnection core = _postgres is null
            ? Sqlite("core")
            : new NpgsqlConnection(_postgres);
        await using System.Data.Common.DbConnection series = _postgres is null
            ? Sqlite("series")
            : new NpgsqlConnection(_postgres);
        await core.OpenAsync();
        await series.OpenAsync();
        var times = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            foreach (var query in queries)
            {
                await using var command = (query == queries[^1] ? series : core).CreateCommand();
                command.CommandText = query;
                await using var reader = await command.ExecuteReaderAsync();
                var row = new object[reader.FieldCount];
                while (await reader.ReadAsync())
                {
                    reader.GetValues(row);
                }
            }

            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;

        SqliteConnection Sqlite(string name)
        {
            return new($"Data Source={Path.Combine(Data, name + ".db")};Mode=ReadOnly;Pooling=False");
        }
    }

    /// <summary>Makes a one-step entrypoint of a Python function without parameters, as <c>alidade run</c> does.</summary>
    /// <returns>Submits one job of it.</returns>
    public async Task<Func<Task<Job>>> FunctionAsync(string python, CancellationToken cancellation)
    {
        var file = new FileInfo(_folder.Sub("task.py"));
        await File.WriteAllTextAsync(file.FullName, python, cancellation);
        var function = FunctionFile.Read(file, null, []);
        var published = await new FunctionPublisher(Client, _group).PublishAsync(
            function,
            "Bench",
            "bench",
            cancellation
        );
        var content = new JobContent(published.Queue, published.Entrypoint, new Dictionary<string, string>());
        return () => Client.Experiments.SubmitAsync(published.Experiment, content, cancellation);
    }

    public Task CreateExperimentAsync(string name, CancellationToken cancellation) =>
        Client.Experiments.CreateAsync(new ExperimentContent(name, null, []), _group, cancellation);

    /// <summary>Waits for the end of a job by the server's hints, as `alidade run` does.</summary>
    public async Task<Job> EndAsync(long id, CancellationToken cancellation)
    {
        await foreach (var hint in Client.Live.FollowAsync($"job/{id}", cancellation))
        {
            if (hint.State is "finished" or "failed" or "cancelled")
            {
                break;
            }
        }

        return RequireFinished(await Client.Jobs.GetAsync(id, cancellation));
    }

    public static Job RequireFinished(Job job) =>
        job.State == "finished"
            ? job
            : throw new InvalidOperationException($"Job {job.Id} is {job.State}: {job.Reason} {job.Message}");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task WorkerReadyAsync(ChildServer process, string level, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; !process.HasSaid("Worker "); waited += Tick)
        {
            if (waited > WorkerLimit || process.HasSaid("does not run"))
            {
                throw new InvalidOperationException($"The worker does not run with isolation {level} here.");
            }

            await Task.Delay(Tick, cancellation);
        }
    }
}
