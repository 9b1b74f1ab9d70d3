using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Demo;
using Alidade.Server.Configuration;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>A server with a real robustness experiment in it, from nothing to the table.</summary>
internal sealed class DemoCommand : Command, IHandlesSignals
{
    private readonly Option<int> _port = new("--port")
    {
        Description = "Port to listen on, 0 for a free one (default 8420)",
        DefaultValueFactory = _ => 8420,
    };
    private readonly Option<DirectoryInfo> _data = new("--data")
    {
        Description = "Folder for everything the server keeps",
        DefaultValueFactory = _ => new DirectoryInfo(DefaultFolder()),
    };
    private readonly Option<bool> _exit = new("--exit")
    {
        Description = "End when the table is printed instead of serving on",
    };

    public DemoCommand()
        : base("demo", "Train, attack and defend a digit classifier on a server of its own")
    {
        Options.Add(_port);
        Options.Add(_data);
        Options.Add(_exit);
        SetAction(
            (parsed, cancellation) =>
                ClientCommand.RunAsync(
                    new Uri(ClientCommand.DefaultServer),
                    () =>
                        RunAsync(
                            parsed.GetValue(_port),
                            parsed.GetRequiredValue(_data).FullName,
                            parsed.GetValue(_exit),
                            cancellation
                        )
                )
        );
    }

    private static async Task<int> RunAsync(int port, string folder, bool exit, CancellationToken cancellation)
    {
        PrivateFile.CreateFolder(folder);
        var console = Consoles.Out;
        var options = new ServerOptions
        {
            Data = folder,
            Http = new HttpOptions { Port = port },
        };
        await using var server = await RunningServer.StartAsync(options, cancellation);
        var stopping = server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        console.WriteLine($"Serving at {ClientCommand.Shown(server.Address)}, data in {folder}");
        using var client = new AlidadeClient(server.Address);
        try
        {
            var user = await DemoAccount.SignInAsync(client, folder, work.Token);
            var isComplete = await EvaluateAsync(client, user.Groups[0].Id, folder, console, work.Token);
            if (!exit)
            {
                var welcome = await client.Users.WelcomeAsync(work.Token);
                console.WriteLine();
                console.WriteLine($"Open {welcome} (signs you in as demo, once)");
                console.WriteLine("Ctrl-C ends the server.");
                await server.StoppedAsync(cancellation);
            }

            return isComplete ? 0 : 1;
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested)
        {
            return 130;
        }
    }

    /// <returns>True when every job finished and every cell is there.</returns>
    private static async Task<bool> EvaluateAsync(
        AlidadeClient client,
        long group,
        string folder,
        IAnsiConsole console,
        CancellationToken cancellation
    )
    {
        var example = new ExampleFolder("digits-robustness");
        var queue =
            await client.Queues.FindAsync("default", cancellation)
            ?? await client.Queues.CreateAsync(new QueueContent("default"), group, cancellation);
        var publisher = new ManifestPublisher(client, group, example);
        var manifest = Manifest.Read(example.Read("dioptra.toml"));
        var entrypoints = await publisher.PublishAsync(manifest, queue.Id, cancellation);
        var experiment = await ExperimentAsync(client, group, [.. entrypoints.Values], cancellation);

        var matrix = new DigitsMatrix(client);
        var jobs = await matrix.SubmitAsync(experiment, entrypoints[DigitsMatrix.Entrypoint], queue.Id, cancellation);
        console.WriteLine(
            $"{jobs.Count} jobs: {DigitsMatrix.Defences.Length} defences × {DigitsMatrix.Attacks.Length} attacks"
        );
        var ended = await new MatrixProgress(client, console, TimeProvider.System).WaitAsync(jobs, cancellation);
        foreach (var job in ended.Where(job => job.State != "finished"))
        {
            console.WriteLine($"job {job.Id} {job.State}: {job.Message ?? job.Reason}  {client.Server}jobs/{job.Id}");
        }

        var rows = new List<(MatrixJob Job, CellTable Cells)>();
        foreach (var job in jobs.Where(job => ended.Any(end => end.Id == job.Id && end.State == "finished")))
        {
            rows.Add((job, await matrix.ReadAsync(job, cancellation)));
        }

        if (rows.Count == 0)
        {
            return false;
        }

        MatrixTable.Print(console, rows, client.Server);
        var file = Path.Combine(folder, "digits-robustness.csv");
        await File.WriteAllLinesAsync(
            file,
            [rows[0].Cells.Header, .. rows.SelectMany(row => row.Cells.Lines)],
            cancellation
        );
        console.WriteLine($"All cells: {file}");
        return rows.Count == jobs.Count && rows.All(row => row.Cells.Cells.Count == DigitsMatrix.Radii.Length);
    }

    private static async Task<long> ExperimentAsync(
        AlidadeClient client,
        long group,
        IReadOnlyList<long> entrypoints,
        CancellationToken cancellation
    )
    {
        if (await client.Experiments.FindAsync(DigitsMatrix.Experiment, cancellation) is { } known)
        {
            if (entrypoints.Any(id => known.Entrypoints.All(linked => linked.Id != id)))
            {
                await client.Experiments.AddEntrypointsAsync(known.Id, entrypoints, cancellation);
            }

            return known.Id;
        }

        const string Description = "How robust is a digit classifier, and do two defences help?";
        var content = new ExperimentContent(DigitsMatrix.Experiment, Description, entrypoints);
        return (await client.Experiments.CreateAsync(content, group, cancellation)).Id;
    }

    /// <summary>Apart from the folder of a real server: the demo has its own account.</summary>
    private static string DefaultFolder()
    {
        var home = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        var share = string.IsNullOrEmpty(home)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share")
            : home;
        return Path.Combine(share, "alidade-demo");
    }
}
