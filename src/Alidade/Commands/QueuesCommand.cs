using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Lists queues, holds the jobs of one back, and lets them go.</summary>
internal sealed class QueuesCommand : ServerCommand
{
    public QueuesCommand()
        : base("queues", "List, pause and resume queues")
    {
        Subcommands.Add(List());
        Subcommands.Add(Change("pause", "Give its jobs to no worker", (queues, id, c) => queues.PauseAsync(id, c)));
        Subcommands.Add(
            Change("resume", "Give its jobs to workers again", (queues, id, c) => queues.ResumeAsync(id, c))
        );
    }

    private Command List()
    {
        var command = new Command("list", "The queues you may use");
        Act(
            command,
            async (client, _, cancellation) =>
            {
                var queues = new List<(Queue Queue, QueueState State)>();
                await foreach (var queue in client.Queues.AllAsync(cancellation: cancellation))
                {
                    queues.Add((queue, await client.Queues.StateAsync(queue.Id, cancellation)));
                }

                Show(
                    queues,
                    ("queue", row => $"{row.Queue.Id}"),
                    ("name", row => row.Queue.Name),
                    ("state", row => Word(row.State)),
                    ("description", row => row.Queue.Description)
                );
            }
        );
        return command;
    }

    private Command Change(
        string name,
        string description,
        Func<QueueClient, long, CancellationToken, Task<QueueState>> change
    )
    {
        var named = new Argument<string>("QUEUE") { Description = "Name or number of the queue" };
        var command = new Command(name, description) { named };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var queue = await client.Queues.NamedAsync("queue", parsed.GetRequiredValue(named), cancellation);
                Consoles.Out.WriteLine(
                    $"queue {queue.Name} {Word(await change(client.Queues, queue.Id, cancellation))}"
                );
            }
        );
        return command;
    }

    private static string Word(QueueState state) => state.Paused ? "paused" : "open";
}
