using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>What was deleted: shown, brought back, purged.</summary>
internal sealed class TrashCommand : ServerCommand
{
    public TrashCommand()
        : base("trash", "What was deleted: list, restore, purge")
    {
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
                Show(
                    (await client.Trash.ListAsync(parsed.GetValue(limit), cancellation)).Data,
                    ("kind", item => item.Kind),
                    ("id", item => item.Id),
                    ("name", item => item.Name),
                    ("group", item => item.Group.Name ?? ""),
                    ("deleted", item => Day(item.DeletedOn)),
                    ("purged by itself", item => item.PurgedOn is { } gone ? Day(gone) : "not (a version needs it)")
                );
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
            }
        );
        return command;
    }
}
