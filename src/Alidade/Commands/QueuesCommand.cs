using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Holds the jobs of a queue back, and lets them go.</summary>
internal sealed class QueuesCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public QueuesCommand()
        : base("queues", "Pause and resume queues")
    {
        _server.Recursive = true;
        Options.Add(_server);
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
        command.SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(
                    server,
                    async () =>
                    {
                        using var client = ClientCommand.Connect(server);
                        var state = await change(client.Queues, parsed.GetValue(id), cancellation);
                        Consoles.Out.WriteLine($"queue {state.Id} {(state.Paused ? "paused" : "open")}");
                        return 0;
                    }
                );
            }
        );
        return command;
    }
}
