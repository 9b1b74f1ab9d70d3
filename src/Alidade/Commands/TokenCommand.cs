using System.CommandLine;
using System.Globalization;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Makes, lists and revokes the tokens that let programs in as you.</summary>
internal sealed class TokenCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public TokenCommand()
        : base("token", "Make, list and revoke the tokens that let programs in as you")
    {
        _server.Recursive = true;
        Options.Add(_server);
        Subcommands.Add(Create());
        Subcommands.Add(List());
        Subcommands.Add(Revoke());
    }

    private Command Create()
    {
        var name = new Option<string>("--name")
        {
            Description = "What the token is for",
            DefaultValueFactory = _ => Environment.MachineName,
            HelpName = "NAME",
        };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "What it opens: read, track, write, admin, system:read; may be repeated",
            DefaultValueFactory = _ => ["write"],
            HelpName = "SCOPE",
        };
        var groups = new Option<string[]>("--group")
        {
            Description = "A group it is limited to; may be repeated (default: all of yours)",
            HelpName = "NAME",
        };
        var days = new Option<long>("--days")
        {
            Description = "How long it works, at most 365",
            DefaultValueFactory = _ => 90,
            HelpName = "N",
        };
        var command = new Command("create", "Make a token and print it, once") { name, scopes, groups, days };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var made = await client.Tokens.CreateAsync(
                    parsed.GetRequiredValue(name),
                    parsed.GetRequiredValue(scopes),
                    await GroupsAsync(client, parsed.GetValue(groups) ?? [], cancellation),
                    parsed.GetRequiredValue(days),
                    cancellation
                );

                // The token alone goes to stdout, so that a script can take it.
                Consoles.Error.WriteLine(
                    $"Token {made.Id} '{made.Name}' for {string.Join(", ", made.Scopes)}, until {Day(made.ExpiresOn)}; "
                        + "it is not shown again. Give it to programs as ALIDADE_TOKEN."
                );
                Console.WriteLine(made.Secret);
                return 0;
            }
        );
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "Your tokens, without their secrets");
        Act(
            command,
            async (client, _, cancellation) =>
            {
                var table = new Table().Border(TableBorder.None);
                table.AddColumns("token", "name", "opens", "created", "last used", "expires");
                foreach (var token in await client.Tokens.ListAsync(cancellation))
                {
                    table.AddRow(
                        $"{token.Id}",
                        token.Name.EscapeMarkup(),
                        string.Join(' ', token.Scopes).EscapeMarkup(),
                        Day(token.CreatedOn),
                        Day(token.UsedOn),
                        Day(token.ExpiresOn)
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
        var command = new Command("revoke", "End a token; the next call with it is refused") { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                await client.Tokens.RevokeAsync(parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"token {parsed.GetValue(id)} revoked");
                return 0;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<long>?> GroupsAsync(
        AlidadeClient client,
        string[] names,
        CancellationToken cancellation
    )
    {
        if (names.Length == 0)
        {
            return null;
        }

        var mine = (await client.Users.CurrentAsync(cancellation)).Groups;
        return
        [
            .. names.Select(name =>
                mine.FirstOrDefault(group => group.Name == name)?.Id
                ?? throw new CommandException(
                    $"--group: you are in no group {name}; yours are {string.Join(", ", mine.Select(g => g.Name))}."
                )
            ),
        ];
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
