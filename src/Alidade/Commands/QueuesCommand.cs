using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Holds the jobs of a queue back, and lets them go.</summary>
internal sealed class QueuesCommand : ServerCommand
{
    public QueuesCommand()
        : base("queues", "Pause and resume queues")
    {
        Subcommands.Add(Change("pause", "Give its jobs to no worker", (queues, id, c) => queues.PauseAsync(id, c)));
        Subcommands.Add(
            Change("resume", "Give its jobs to workers again", (queues, id, c) => queues.ResumeAsync(id, c))
        );
    }

    private Command Change(
        string name,
        string description,
        Func<QueueClient, long, CancellationToken, Task<QueueState>> change
    )
    {
        var id = new Argument<long>("QUEUE") { Description = "Number of the queue" };
        var command = new Command(name, description) { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var state = await change(client.Queues, parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"queue {state.Id} {(state.Paused ? "paused" : "open")}");
            }
        );
        return command;
    }
}
