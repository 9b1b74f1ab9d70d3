using System.CommandLine;
using System.Globalization;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Makes, lists and revokes the tokens that let workers in.</summary>
internal sealed class WorkerTokenCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();
    private readonly Option<string?> _group = new("--group")
    {
        Description = "Whose queues the workers serve (default: your first group)",
        HelpName = "NAME",
        Recursive = true,
    };

    public WorkerTokenCommand()
        : base("worker-token", "Make, list and revoke the tokens that let workers in")
    {
        _server.Recursive = true;
        Options.Add(_server);
        Options.Add(_group);
        Subcommands.Add(Create());
        Subcommands.Add(List());
        Subcommands.Add(Revoke());
    }

    private Command Create()
    {
        var name = new Option<string>("--name")
        {
            Description = "What the token is for",
            DefaultValueFactory = _ => "worker",
            HelpName = "NAME",
        };
        var queues = new Option<string[]>("--queue")
        {
            Description = "A queue its workers may serve, * matches within a name (default: all)",
            HelpName = "NAME",
        };
        var command = new Command("create", "Make a token and print it, once") { name, queues };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var group = await GroupAsync(client, parsed, cancellation);
                var allowed = parsed.GetValue(queues) is { Length: > 0 } some ? some : null;
                var made = await client.WorkerTokens.CreateAsync(
                    group,
                    parsed.GetRequiredValue(name),
                    allowed,
                    cancellation
                );

                // The token alone goes to stdout, so that a script can take it.
                Consoles.Error.WriteLine($"Token {made.Id} '{made.Name}'; it is not shown again. Start a worker with:");
                Consoles.Error.WriteLine(
                    $"ALIDADE_TOKEN=… alidade worker --server {ClientCommand.Shown(client.Server)}"
                );
                Console.WriteLine(made.Token);
                return 0;
            }
        );
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "The tokens of a group, without their secrets");
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var group = await GroupAsync(client, parsed, cancellation);
                var table = new Table().Border(TableBorder.None);
                table.AddColumns("token", "name", "for", "created", "last used", "revoked");
                foreach (var token in await client.WorkerTokens.ListAsync(group, cancellation))
                {
                    table.AddRow(
                        $"{token.Id}",
                        token.Name.EscapeMarkup(),
                        token.Pool.EscapeMarkup(),
                        Day(token.CreatedOn),
                        Day(token.UsedOn),
                        Day(token.RevokedOn)
                    );
                }

                Consoles.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private Command Revoke()
    {
        var id = new Argument<long>("TOKEN") { Description = "Number of the token" };
        var command = new Command("revoke", "End a token; the workers that use it stop") { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                await client.WorkerTokens.RevokeAsync(parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"token {parsed.GetValue(id)} revoked");
                return 0;
            }
        );
        return command;
    }

    private async Task<long> GroupAsync(AlidadeClient client, ParseResult parsed, CancellationToken cancellation)
    {
        var groups = (await client.Users.CurrentAsync(cancellation)).Groups;
        var name = parsed.GetValue(_group);
        var group = name is null ? groups.FirstOrDefault() : groups.FirstOrDefault(group => group.Name == name);
        return group?.Id
            ?? throw new CommandException(
                $"--group: you are in no group {name}; yours are {string.Join(", ", groups.Select(group => group.Name))}."
            );
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

    private static string Day(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
