using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
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
                    ("memory", worker => $"{worker.Resources.Memory}"),
                    ("gpus", worker => $"{worker.Resources.Gpus}"),
                    ("labels", worker => Engine.Jobs.Labeling.Say(worker.Labels))
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
