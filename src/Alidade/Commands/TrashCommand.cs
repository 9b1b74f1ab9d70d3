using System.CommandLine;
using System.Globalization;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>What was deleted: shown, brought back, purged.</summary>
internal sealed class TrashCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public TrashCommand()
        : base("trash", "What was deleted: list, restore, purge")
    {
        _server.Recursive = true;
        Options.Add(_server);
        Subcommands.Add(List());
        Subcommands.Add(
            One("restore", "Bring something back", (client, kind, id, c) => client.Trash.RestoreAsync(kind, id, c))
        );
        Subcommands.Add(
            One("purge", "Delete something for good", (client, kind, id, c) => client.Trash.PurgeAsync(kind, id, c))
        );
    }

    private Command List()
    {
        var limit = new Option<long>("--limit") { Description = "At most this many", DefaultValueFactory = _ => 100 };
        var command = new Command("list", "What can be restored, newest first") { limit };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var table = new Table().Border(TableBorder.None);
                table.AddColumns("kind", "id", "name", "group", "deleted", "purged by itself");
                foreach (var item in (await client.Trash.ListAsync(parsed.GetValue(limit), cancellation)).Data)
                {
                    table.AddRow(
                        item.Kind,
                        item.Id.EscapeMarkup(),
                        item.Name.EscapeMarkup(),
                        (item.Group.Name ?? "").EscapeMarkup(),
                        Day(item.DeletedOn),
                        Day(item.PurgedOn)
                    );
                }

                Consoles.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private Command One(
        string name,
        string description,
        Func<AlidadeClient, string, string, CancellationToken, Task> work
    )
    {
        var kind = new Argument<string>("KIND") { Description = "run, experiment, model, modelVersion or artifact" };
        kind.AcceptOnlyFromAmong("run", "experiment", "model", "modelVersion", "artifact");
        var id = new Argument<string>("ID") { Description = "As `alidade trash list` shows it" };
        var command = new Command(name, description) { kind, id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var (what, which) = (parsed.GetRequiredValue(kind), parsed.GetRequiredValue(id));
                await work(client, what, Uri.EscapeDataString(which), cancellation);
                Consoles.Out.WriteLine($"{what} {which}: {name}d");
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

    private static string Day(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
