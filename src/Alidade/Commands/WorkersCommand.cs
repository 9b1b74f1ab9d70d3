using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Engine.Jobs;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Lists the workers of a server, and takes them out of service.</summary>
internal sealed class WorkersCommand : ServerCommand
{
    public WorkersCommand()
        : base("workers", "List, drain and resume the workers of a server")
    {
        Subcommands.Add(List());
        Subcommands.Add(Change("drain", "Let it finish what it runs, and no more", (w, id, c) => w.DrainAsync(id, c)));
        Subcommands.Add(Change("resume", "Give it jobs again", (w, id, c) => w.ResumeAsync(id, c)));
        Subcommands.Add(Pools());
        Subcommands.Add(PoolData());
    }

    private Command Pools()
    {
        var command = new Command("pools", "The pools that workers belong to");
        Act(
            command,
            async (client, _, cancellation) =>
                Show(
                    await client.Workers.PoolsAsync(cancellation),
                    ("pool", pool => $"{pool.Id}"),
                    ("name", pool => pool.Name),
                    ("queues", pool => string.Join(", ", pool.Queues)),
                    ("data folders", pool => string.Join(", ", pool.DataFolders.Select(f => $"{f.Key}={f.Value}")))
                )
        );
        return command;
    }

    private Command PoolData()
    {
        var id = new Argument<long>("POOL") { Description = "Number of the pool" };
        var folders = new Argument<string[]>("NAME=PATH")
        {
            Description = "All the folders its workers are to show, paths as they are on the workers' machines",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("pool-data", "Replace the data folders that a pool's workers show to jobs")
        {
            id,
            folders,
        };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var wanted = NamedValues.Split(parsed.GetValue(folders));
                var pool = await client.Workers.SetDataFoldersAsync(parsed.GetValue(id), wanted, cancellation);
                Consoles.Out.WriteLine(
                    $"pool {pool.Id} shows {(pool.DataFolders.Count == 0 ? "nothing" : string.Join(", ", pool.DataFolders.Keys))}"
                );
            }
        );
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "The workers that are there now");
        Act(
            command,
            async (client, _, cancellation) =>
            {
                Show(
                    await client.Workers.ListAsync(cancellation),
                    ("worker", worker => $"{worker.Id}"),
                    ("name", worker => worker.Name),
                    ("state", worker => worker.State),
                    ("slots", worker => $"{worker.Busy}/{worker.Slots}"),
                    ("cpu", worker => $"{worker.Resources.Cpu}"),
                    ("memory", worker => Amounts.Readable(worker.Resources.Memory ?? 0)),
                    ("gpus", worker => $"{worker.Resources.Gpus}"),
                    ("labels", worker => Labeling.Say(worker.Labels))
                );
            }
        );
        return command;
    }

    private Command Change(
        string name,
        string description,
        Func<WorkerClient, long, CancellationToken, Task<Client.Worker>> change
    )
    {
        var id = new Argument<long>("WORKER") { Description = "Number of the worker" };
        var command = new Command(name, description) { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var worker = await change(client.Workers, parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"worker {worker.Id} {worker.State}");
            }
        );
        return command;
    }
}
