using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Lists the workers of a server, and takes them out of service.</summary>
internal sealed class WorkersCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public WorkersCommand()
        : base("workers", "List, drain and resume the workers of a server")
    {
        _server.Recursive = true;
        Options.Add(_server);
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
                var table = new Table().Border(TableBorder.None);
                table.AddColumns("worker", "name", "state", "slots", "cpu", "memory", "gpus", "labels");
                foreach (var worker in await client.Workers.ListAsync(cancellation))
                {
                    table.AddRow(
                        $"{worker.Id}",
                        worker.Name.EscapeMarkup(),
                        worker.State,
                        $"{worker.Busy}/{worker.Slots}",
                        $"{worker.Resources.Cpu}",
                        $"{worker.Resources.Memory}",
                        $"{worker.Resources.Gpus}",
                        Engine.Jobs.Labeling.Say(worker.Labels).EscapeMarkup()
                    );
                }

                Consoles.Out.Write(table);
                return 0;
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
                return 0;
            }
        );
        return command;
    }

    private void Act(Command command, Func<AlidadeClient, ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(
                    server,
                    async () =>
                    {
                        using var client = ClientCommand.Connect(server);
                        return await work(client, parsed, cancellation);
                    }
                );
            }
        );
}
