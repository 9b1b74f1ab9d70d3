using System.CommandLine;
using Alidade.Cli;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Makes, lists and revokes the tokens that let workers in.</summary>
internal sealed class WorkerTokenCommand : ServerCommand
{
    private readonly GroupOption _group = new("Whose queues the workers serve (default: your first group)");

    public WorkerTokenCommand()
        : base("worker-token", "Make, list and revoke the tokens that let workers in")
    {
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
                var group = await _group.IdAsync(client, parsed, cancellation);
                var allowed = parsed.GetValue(queues) is { Length: > 0 } some ? some : null;
                if (allowed?.Any(string.IsNullOrWhiteSpace) is true)
                {
                    throw new CommandException("--queue is empty: give a name, or leave it out to allow all queues.");
                }

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
                var group = await _group.IdAsync(client, parsed, cancellation);
                Show(
                    await client.WorkerTokens.ListAsync(group, cancellation),
                    ("token", token => $"{token.Id}"),
                    ("name", token => token.Name),
                    ("for", token => token.Pool),
                    ("created", token => Day(token.CreatedOn)),
                    ("last used", token => Day(token.UsedOn)),
                    ("revoked", token => Day(token.RevokedOn))
                );
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
            }
        );
        return command;
    }
}
