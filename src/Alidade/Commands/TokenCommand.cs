using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Makes, lists and revokes the tokens that let programs in as you.</summary>
internal sealed class TokenCommand : ServerCommand
{
    public TokenCommand()
        : base("token", "Make, list and revoke the tokens that let programs in as you")
    {
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
                Show(
                    await client.Tokens.ListAsync(cancellation),
                    ("token", token => $"{token.Id}"),
                    ("name", token => token.Name),
                    ("opens", token => string.Join(' ', token.Scopes)),
                    ("created", token => Day(token.CreatedOn)),
                    ("last used", token => Day(token.UsedOn)),
                    ("expires", token => Day(token.ExpiresOn))
                );
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
        return [.. names.Select(name => GroupOption.Find(mine, name))];
    }
}
