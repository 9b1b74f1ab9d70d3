using System.Security.Cryptography;
using Alidade.Client;
using Alidade.Functions;
using Alidade.Testing;

namespace Alidade.Bench.Servers;

/// <summary>The real server over an empty temporary folder, with one user signed in.</summary>
internal sealed class AlidadeServer : IAsyncDisposable
{
    private static readonly TimeSpan WorkerLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder;
    private readonly long _group;

    private AlidadeServer(TemporaryFolder folder, ChildServer process, AlidadeClient client, long group) =>
        (_folder, Process, Client, _group) = (folder, process, client, group);

    public ChildServer Process { get; }

    public AlidadeClient Client { get; }

    /// <summary>Starts the program over a folder, without signing in.</summary>
    public static Task<ChildServer> StartProcessAsync(
        TemporaryFolder folder,
        int workers = 1,
        IReadOnlyDictionary<string, string>? environment = null
    ) =>
        ChildServer.StartAsync(
            Repository.Program,
            ["serve", "--port", "0", "--data", folder.Sub("data"), "--workers", $"{workers}", "--slots", "2"],
            "Alidade ready:",
            environment
        );

    /// <param name="level">Isolation of the jobs; null for a server without a worker.</param>
    public static async Task<AlidadeServer> StartAsync(string? level, CancellationToken cancellation)
    {
        var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["ALIDADE__WORKER__PRELOAD"] = "numpy" };
        if (level is not null)
        {
            environment["ALIDADE__WORKER__ISOLATION"] = level;
        }

        var process = await StartProcessAsync(folder, level is null ? 0 : 1, environment);
        var client = new AlidadeClient(process.Address);
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await client.Users.RegisterAsync("bench", "bench@localhost", password, cancellation);
        await client.Users.SignInAsync("bench", password, cancellation);
        var user = await client.Users.CurrentAsync(cancellation);
        if (level is not null)
        {
            await WorkerReadyAsync(process, level, cancellation);
        }

        return new AlidadeServer(folder, process, client, user.Groups[0].Id);
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
